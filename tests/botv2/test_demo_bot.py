"""The demo bot against the real API, in one process."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from django.core.wsgi import get_wsgi_application

from botv2 import demo_bot
from botv2.demo_bot import CAPITAL, Reporter, Trader, report_history, resume, run_live
from botv2.demo_market import MARKETS, Market
from dashboard.models import Account
from dashboard.services.access import account_create
from dashboard.services.audit import COMMAND
from dashboard.services.removal import account_remove

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def account(db: None) -> Account:
    return account_create(slug="demo", kind="demo", initial_capital="10000", exchange="simulated")


@pytest.fixture
def reporter(account: Account, make_key: Callable[..., str], tmp_path: Path) -> Iterator[Reporter]:
    transport = httpx.WSGITransport(app=get_wsgi_application())
    found = Reporter("http://127.0.0.1", make_key(account, ["read", "ingest"]), tmp_path / "spool", transport)
    yield found
    assert found.client.close()
    assert found.client.stats().refused == 0


def history(reporter: Reporter, now: datetime, monkeypatch: pytest.MonkeyPatch) -> tuple[Market, Trader]:
    monkeypatch.setattr(demo_bot, "HISTORY_DAYS", 3)
    monkeypatch.setattr(demo_bot, "HISTORY_PATIENCE", 60.0)
    market = Market(random.Random(4))
    trader = Trader(market, random.Random(5))
    report_history(reporter, market, trader, now)
    return market, trader


def test_the_history_adds_up(reporter: Reporter, monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime.now(UTC)
    _, trader = history(reporter, now, monkeypatch)
    stats = reporter.get("trades/stats")
    assert stats["total_trades"] > 20
    assert stats["total_pnl"] == pytest.approx(trader.realised, abs=1e-6)
    assert stats["open_trades"] == len(trader.open)
    portfolio = reporter.get("portfolio")
    assert portfolio["total_value"] == pytest.approx(CAPITAL + portfolio["total_pnl"], abs=1e-6)
    assert {row["symbol"] for row in reporter.get("market")["symbols"]} == set(MARKETS)


def test_a_second_start_takes_over_what_is_open(reporter: Reporter, monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime.now(UTC)
    market, trader = history(reporter, now, monkeypatch)
    again_market = Market(random.Random(6))
    again = Trader(again_market, random.Random(7))
    resume(reporter, again_market, again)
    assert set(again.open) == set(trader.open)
    assert again.realised == pytest.approx(trader.realised, abs=1e-6)
    assert again_market.price("BTC/USDT") == market.price("BTC/USDT")


def test_every_position_ends_at_its_target_its_stop_or_in_time() -> None:
    market = Market(random.Random(1))
    trader = Trader(market, random.Random(2))
    moment, reasons = datetime(2026, 1, 1, tzinfo=UTC), set()
    for _ in range(3000):
        market.step(5)
        moment += timedelta(minutes=5)
        reasons |= {report["exit_reason"] for report in trader.trade(moment, 0.1) if report["status"] == "closed"}
        assert len(trader.open) <= demo_bot.MAX_OPEN
    assert reasons == {"target", "stop_loss", "time"}


def test_it_ends_with_its_account(account: Account, make_key: Callable[..., str], tmp_path: Path) -> None:
    transport = httpx.WSGITransport(app=get_wsgi_application())
    reporter = Reporter("http://127.0.0.1", make_key(account, ["read", "ingest"]), tmp_path / "spool", transport)
    assert not reporter.dismissed()
    account_remove(account=account, name=account.name, now=datetime.now(UTC), actor=COMMAND)
    market = Market(random.Random(1))
    run_live(reporter, market, Trader(market, random.Random(2)))
    assert reporter.client.stats().sent == 0
