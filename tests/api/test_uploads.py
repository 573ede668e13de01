"""Importing a file over the API: what it would do, what it did, what is refused."""

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User

from dashboard.models import Account, AuditEntry, ImportRun, MarketData, Strategy, Trade
from tests.api.conftest import Caller

pytestmark = pytest.mark.django_db
Person = Callable[[User], Caller]
HEADER = "trade_id,symbol,direction,size,status,entry_price,entry_time,tags"
CANDLES = "date,open,high,low,close,volume\n2026-01-01,1,3,1,2,10\n2026-01-02,2,1,1,2,10\n"


@pytest.fixture
def hand(owner: User, person: Person) -> Caller:
    return person(owner)


def csv(*names: str, size: str = "1", price: str = "10") -> bytes:
    rows = [f"{name},X,long,{size},open,{price},2026-01-01T10:00:00Z,a b" for name in names]
    return "\n".join([HEADER, *rows]).encode()


def send(
    hand: Caller, content: bytes, query: str = "kind=trades&name=t.csv", route: str = "imports", **headers: str
) -> Any:
    """The data of an answer, or its error."""
    kind = headers.pop("content_type", "application/octet-stream")
    answer = hand.send("POST", f"{route}?{query}", content, content_type=kind, **headers)
    return answer.get("data") or answer["error"]


def test_a_preview_says_what_would_happen_and_stores_nothing(
    hand: Caller, stored: Callable[[], dict[str, int]], account: Account
) -> None:
    send(hand, csv("known", "changed"))
    before = stored()
    content = csv("known", "new", "bad id") + csv("changed", size="2").partition(b"\n")[2].join([b"\n", b""])
    found = send(hand, content, route="imports/preview")
    assert hand.response.status_code == 200 and stored() == before
    assert (found["created"], found["updated"], found["skipped"], found["rejected_count"]) == (1, 1, 1, 1)
    assert found["rejected"][0][0] == "row 4" and "trade_id" in found["rejected"][0][1]
    assert found["columns"] == HEADER.split(",") and found["error"] is None
    assert found["first"][1] == ["new", "X", "long", "1", "open", "10", "2026-01-01T10:00:00Z", "a b"]
    assert Trade.objects.get(trade_id="changed").size == 1 and not Strategy.objects.filter(name="new").exists()
    made = send(hand, content)
    file = made["result"]["files"][0]
    assert {name: found[name] for name in file} == file


def test_a_trade_that_comes_back_later_in_the_file_is_an_update(hand: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.imports.TRADES_CHUNK", 2)
    content = csv("a", "b", "c") + b"\n" + csv("a", price="11").partition(b"\n")[2]
    found = send(hand, content, route="imports/preview")
    file = send(hand, content)["result"]["files"][0]
    assert (found["created"], found["updated"]) == (file["created"], file["updated"]) == (3, 1)


def test_an_import_is_told_audited_and_taken_back(hand: Caller, account: Account) -> None:
    made = send(hand, gzip.compress(csv("a", "b")))
    assert hand.response.status_code == 201
    assert (made["kind"], made["files"], made["undone_at"]) == ("trades", ["t.csv"], None)
    assert made == hand.get(f"imports/{made['id']}") and "alive_at" not in made["result"]
    entry = AuditEntry.objects.get(action="import.begin")
    assert (entry.actor, entry.target) == ("user:owner", f"import:{made['id']}")
    assert hand.post(f"imports/{made['id']}/undo", None)["result"]["undone"]["trades"] == 2
    assert not Trade.objects.exists()


def test_the_same_key_imports_once_and_another_file_is_refused(hand: Caller, account: Account) -> None:
    first = send(hand, csv("a"), idempotency_key="k")
    assert send(hand, csv("a"), idempotency_key="k") == first
    assert ImportRun.objects.count() == 1
    assert send(hand, csv("b"), idempotency_key="k")["code"] == "idempotency_key_reused"


def test_freqtrade_results(hand: Caller, account: Account) -> None:
    result = {
        "strategy": {
            "Trend": {
                "stake_currency": "USDT",
                "starting_balance": 1000,
                "trades": [
                    {
                        "pair": "ETH/USDT", "open_rate": 100.5, "close_rate": 101, "amount": 2, "is_open": False,
                        "open_timestamp": 1767225600000, "close_timestamp": 1767229200000, "profit_abs": 0.8,
                    }
                ],
            }
        }
    }  # fmt: skip
    content = json.dumps(result).encode()
    found = send(hand, content, "kind=freqtrade&name=r.json", "imports/preview")
    assert (found["created"], found["error"]) == (1, None)
    assert dict(zip(found["columns"], found["first"][0], strict=True))["entry_price"] == "100.5"
    assert not Strategy.objects.exists(), "neither is its strategy"
    send(hand, content, "kind=freqtrade&name=r.json")
    assert Strategy.objects.get().allocated_capital == 1000 and (Trade.objects.get().net_pnl or 0) > 0
    wrong = send(hand, content.replace(b"USDT", b"BTC"), "kind=freqtrade&name=r.json", "imports/preview")
    assert "is in BTC but the account" in wrong["error"] and wrong["created"] == 0


def test_candles_name_what_they_are_of(hand: Caller, account: Account) -> None:
    query = "kind=candles&name=c.csv&symbol=BTC/USDT&timeframe=1d&exchange=kraken"
    found = send(hand, CANDLES.encode(), query, "imports/preview")
    assert (found["created"], found["rejected_count"], MarketData.objects.count()) == (1, 1, 0)
    assert found["columns"] == ["timestamp", "open", "high", "low", "close", "volume"]
    send(hand, CANDLES.encode(), query)
    assert MarketData.objects.get().exchange == "kraken"
    for query, name in (
        ("kind=candles&timeframe=1d", "symbol"), ("kind=candles&symbol=X", "timeframe"),
        ("kind=trades&symbol=X", "symbol"), ("kind=pictures", "kind"), ("", "kind"),
        ("kind=candles&symbol=a//b&timeframe=1d", "symbol"), ("kind=trades&name=", "name"),
    ):  # fmt: skip
        assert list(send(hand, b"", query)["fields"]) == [name]


@pytest.mark.parametrize("content", [b"", b"\x00", b"PK\x03\x04", b"\x1f\x8bx", b"a,b\n1,2", b"\xff\xfe", b"{}"])
@pytest.mark.parametrize("kind", ["trades", "freqtrade", "candles&symbol=X&timeframe=1d"])
def test_a_file_that_is_something_else_says_so(hand: Caller, account: Account, kind: str, content: bytes) -> None:
    found = send(hand, content, f"kind={kind}", "imports/preview")
    assert found["error"] and found["created"] == 0 and found["first"] == []
    assert send(hand, content, f"kind={kind}")["result"]["files"][0]["error"] == found["error"]


def test_what_is_no_file_or_too_large(hand: Caller, account: Account, settings: Any) -> None:
    assert send(hand, b"{}", content_type="application/json")["code"] == "unsupported_media_type"
    settings.IMPORT_MAX_SIZE = 10
    error = send(hand, csv("a"))
    assert (hand.response.status_code, error["code"]) == (413, "too_large")
    assert not ImportRun.objects.exists()


def test_only_an_owner_imports(bot: Caller, operator: User, person: Person) -> None:
    for caller in (bot, person(operator)):
        for route in ("imports", "imports/preview"):
            assert send(caller, csv("a"), route=route)["code"] == "forbidden"
    assert not ImportRun.objects.exists()
