"""The client offers exactly what the API takes."""

from typing import Any, get_args, get_type_hints

import pytest

from api import inputs
from botv2_client import fields

NAMED = {  # what the client's methods take apart from the fields
    "Trade": {"trade_id"},
    "Snapshot": {"total_value"},
    "Strategy": {"name"},
    "Alert": {"title", "severity", "type"},
    "Heartbeat": {"state"},
    "Position": set(),
    "Fill": set(),
}


@pytest.mark.parametrize("name", NAMED)
def test_fields_are_those_of_the_api(name: str) -> None:
    taken = getattr(inputs, f"{name}Input")().readers
    assert set(get_type_hints(getattr(fields, name))) | NAMED[name] == set(taken)


CHOICES: dict[str, tuple[Any, str, str]] = {
    "direction": (fields.Direction, "TradeInput", "direction"),
    "status": (fields.TradeStatus, "TradeInput", "status"),
    "asset class": (fields.AssetClass, "TradeInput", "asset_class"),
    "signal type": (fields.SignalType, "TradeInput", "signal_type"),
    "state": (fields.State, "HeartbeatInput", "state"),
    "severity": (fields.Severity, "AlertInput", "severity"),
    "alert type": (fields.AlertType, "AlertInput", "type"),
    "kind": (fields.FlowKind, "CashFlowInput", "kind"),
}


@pytest.mark.parametrize("name", CHOICES)
def test_choices_are_those_of_the_api(name: str) -> None:
    literal, made_by, field = CHOICES[name]
    assert set(get_args(literal)) == set(getattr(inputs, made_by)().readers[field].choices)
