import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

settings.register_profile("no deadline", deadline=None)  # a busy machine is no failure
settings.load_profile("no deadline")

BACKTESTS = ("supertrend_762", "macd_156", "reinforced_average_143", "sample_160", "no_trades")


@pytest.fixture(params=BACKTESTS)
def backtest(request: pytest.FixtureRequest, shared_data: Path) -> dict[str, Any]:
    """One strategy's result of a real freqtrade backtest file, numbers with a point as Decimal."""
    with gzip.open(shared_data / "freqtrade_backtests" / f"{request.param}.json.gz") as file:
        (result,) = json.load(file, parse_float=Decimal)["strategy"].values()
    assert isinstance(result, dict)
    return result
