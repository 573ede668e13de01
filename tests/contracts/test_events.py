"""Each logged type has one closed schema: the sample of its name, the page that describes it, and what is published."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from botv2.env import ROOT
from dashboard.models import Account
from dashboard.rollups.follow import rollups_follow

SAMPLES = Path(__file__).parent.parent / "samples" / "events"
TYPES = [
    "account_update", "alert", "annotation", "bot_status", "cashflow", "portfolio_update", "risk_update",
    "strategy_update", "trade_executed",
]  # fmt: skip
TRADE = {
    "trade_id": "t-1",
    "symbol": "BTC/USDT",
    "strategy": "Trend",
    "bot": "alpha",
    "direction": "long",
    "size": "0.5",
    "entry_price": "30000",
    "entry_time": "2026-01-01T10:00:00Z",
    "stop_loss": "29000",
    "highest_price": "31500",
    "lowest_price": "29800",
    "fees": "1.25",
}
REPORTS: list[tuple[str, Any]] = [
    ("trades", {**TRADE, "status": "open"}),
    ("trades", {**TRADE, "status": "closed", "exit_price": "31000", "exit_time": "2026-01-02T10:00:00Z"}),
    ("trades", {**TRADE, "trade_id": "t-2", "status": "cancelled"}),
    ("portfolio", {"timestamp": "2026-01-01T00:00:00Z", "total_value": "1000", "bot": "alpha"}),
    ("portfolio", {"timestamp": "2026-01-03T00:00:00Z", "total_value": "1010", "bot": "alpha"}),
    ("cashflows", {"flow_id": "f-1", "timestamp": "2026-01-01T00:00:00Z", "amount": "100", "kind": "deposit"}),
    ("strategies", {"name": "Trend", "parameters": {"fast": 12}}),
    ("alerts", {"type": "risk", "severity": "warning", "title": "Losing week", "dedupe_key": "week"}),
    ("annotations", {"chart_id": "equity", "date": "2026-01-02T09:00:00Z", "text": "New exchange", "type": "custom"}),
    ("heartbeat", {"bot": "alpha", "state": "running"}),
]


def kind(value: Any) -> str:
    """The JSON kind of a value; any number is a number."""
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def published(client: APIClient, account: Account, owner: User) -> Iterator[dict[str, Any]]:
    for path, body in REPORTS:
        assert client.post(f"/api/{path}", body, format="json").status_code in {200, 201}
    person = APIClient()
    person.force_login(owner)
    assert person.patch("/api/accounts/main", {"initial_capital": "1000.5"}, format="json").status_code == 200
    rollups_follow(account)
    yield from client.get("/api/events?limit=1000").json()["data"]["events"]


@pytest.mark.django_db(transaction=True)
def test_every_published_event_fits_its_sample(
    account: Account, owner: User, make_key: Callable[..., str], api: Callable[..., APIClient]
) -> None:
    samples = {path.stem: json.loads(path.read_text()) for path in SAMPLES.glob("*.json")}
    seen = set()
    for event in published(api(make_key(account)), account, owner):
        sample = samples[event["type"]]
        assert set(event) == set(sample) == {"s", "type", "at", "d"}
        assert list(event["d"]) == list(sample["d"]), event["type"]
        for name, value in event["d"].items():
            kinds = {kind(value), kind(sample["d"][name])}
            assert len(kinds) == 1 or "NoneType" in kinds, f"{event['type']}.{name}: {kinds}"
        seen.add(event["type"])
    assert seen == set(TYPES) == set(samples)


def test_each_type_has_its_row_in_the_manual() -> None:
    page = (ROOT / "docs" / "events.md").read_text()
    assert [name for name in TYPES if f"| `{name}` |" not in page] == []
