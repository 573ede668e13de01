"""Imports over the API: what each did, and taking one back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError
from django.utils import timezone

from api import import_runs
from api import imports as api_imports
from api.management import importing
from dashboard.models import Account, AuditEntry, DeletedTrade, ImportRun, Trade
from dashboard.services import imports
from dashboard.services.imports import AlreadyUndone, import_begin
from tests.api.conftest import Caller
from tests.dashboard.commands import run

pytestmark = pytest.mark.django_db
HEADER = "trade_id,symbol,direction,size,status"
Person = Callable[[User], Caller]


@pytest.fixture
def hand(owner: User, person: Person) -> Caller:
    return person(owner)


@pytest.fixture
def load(account: Account, tmp_path: Path) -> Callable[..., int]:
    """Import trades of these names and return the number of the import."""

    def call(*names: str, size: int = 1) -> int:
        path = tmp_path / "t.csv"
        path.write_text("\n".join([HEADER, *(f"{name},X,long,{size},pending" for name in names)]))
        run("import_trades", path, "--account", "main")
        return ImportRun.objects.latest("id").pk

    return call


def test_what_an_import_did(bot: Caller, load: Callable[..., int], account: Account) -> None:
    assert bot.get("imports")["imports"] == []
    pk = load("a", "b c", "d")
    row = bot.get(f"imports/{pk}")
    assert (row["id"], row["kind"], row["files"], row["undone_at"]) == (pk, "trades", ["t.csv"], None)
    file = row["result"]["files"][0]
    assert (file["created"], file["rejected_count"]) == (2, 1) and "trade_id" in file["rejected"][0][1]
    listed = bot.get("imports")
    assert listed["total"] == 1 and listed["imports"][0]["created_at"] == row["created_at"]
    assert listed["imports"][0]["result"]["files"] == [{name: file[name] for name in file if name != "rejected"}]


def test_page_by_page_while_imports_arrive(bot: Caller, account: Account) -> None:
    def begin(name: str) -> int:
        return import_begin(account=account, kind="csv", files=[name]).pk

    made = [begin(f"{n}.csv") for n in range(5)]
    first = bot.get("imports?limit=2")
    assert [row["id"] for row in first["imports"]] == made[:2:-1] and first["has_more"]
    begin("new.csv")
    rest = bot.get(f"imports?cursor={first['next_cursor']}")
    assert [row["id"] for row in rest["imports"]] == made[2::-1] and rest["next_cursor"] is None
    assert [row["files"] for row in bot.get("imports?limit=1&offset=5")["imports"]] == [["0.csv"]]
    for query in ("cursor=x", "limit=0", "kind=csv", f"offset=1&cursor={first['next_cursor']}"):
        bot.refused(400, "GET", f"imports?{query}")


def test_undo_says_what_it_deleted_and_what_it_kept(bot: Caller, hand: Caller, load: Callable[..., int]) -> None:
    load("old")
    pk = load("old", "a", "b", "noted", size=2)
    noted = bot.get("trades?trade_id=noted")["trades"][0]["id"]
    hand.send("PATCH", f"trades/{noted}", {"notes": "mine"})
    head = bot.get("events")["head"]
    row = hand.post(f"imports/{pk}/undo", None, status=200)
    assert row["result"]["undone"] == {
        "trades": 2,
        "candles": 0,
        "changed_later": {"count": 1, "trade_ids": ["noted"]},
        "there_before": {"count": 1, "trade_ids": ["old"]},
    }
    assert row == bot.get(f"imports/{pk}") and row["undone_at"] is not None
    assert set(Trade.objects.values_list("trade_id", flat=True)) == {"old", "noted"}
    events = bot.get(f"events?since={head}")["events"]
    assert [(event["d"]["trade_id"], event["d"]["change"]) for event in events] == [("b", "deleted"), ("a", "deleted")]
    entry = AuditEntry.objects.filter(action="import.undo").get()
    assert (entry.actor, entry.action, entry.target) == ("user:owner", "import.undo", f"import:{pk}")
    assert entry.before is not None and entry.before["files"] == ["t.csv"]


def test_doing_it_again_changes_nothing(bot: Caller, hand: Caller, load: Callable[..., int]) -> None:
    pk = load("a")
    row = hand.post(f"imports/{pk}/undo", None, idempotency_key="k")
    head = bot.get("events")["head"]
    assert hand.post(f"imports/{pk}/undo", None) == row
    for key in ("k", "k2"):
        assert hand.post(f"imports/{pk}/undo", None, idempotency_key=key) == row
    assert bot.get("events")["head"] == head and AuditEntry.objects.filter(action="import.undo").count() == 1


def test_an_import_that_runs_is_not_undone(
    hand: Caller, account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked between two chunks, over the API and on the command line; killed, it can be undone a minute later."""
    record, asked = api_imports.trades_record, list[int]()

    def ask(**values: Any) -> Any:
        found = record(**values)
        pk = values["import_run"].pk
        error = hand.refused(409, "POST", f"imports/{pk}/undo")
        assert error["code"] == "import_running" and hand.response["Retry-After"] == "60"
        with pytest.raises(CommandError, match="still running"):
            run("undo_import", pk)
        asked.append(pk)
        if len(asked) == 3:
            raise KeyboardInterrupt
        return found

    monkeypatch.setattr(api_imports, "trades_record", ask)
    monkeypatch.setattr(api_imports, "TRADES_CHUNK", 2)
    monkeypatch.setattr(importing, "NOTED_EVERY", 0)
    path = tmp_path / "t.csv"
    path.write_text("\n".join([HEADER, *(f"t{n},X,long,1,pending" for n in range(9))]))
    with monkeypatch.context() as patched:
        patched.setattr(importing, "import_end", lambda run: None)  # killed at once
        with pytest.raises(KeyboardInterrupt):
            run("import_trades", path, "--account", "main")
    hand.refused(409, "POST", f"imports/{asked[0]}/undo")
    killed = ImportRun.objects.get()
    killed.result["alive_at"] = (timezone.now() - imports.SILENT).isoformat()
    killed.save()
    assert hand.post(f"imports/{killed.pk}/undo", None)["result"]["undone"]["trades"] == 6
    with pytest.raises(AlreadyUndone):
        imports.import_note(killed, timezone.now())
    asked.clear()
    with pytest.raises(KeyboardInterrupt):
        run("import_trades", path, "--account", "main")
    assert hand.post(f"imports/{asked[0]}/undo", None)["result"]["undone"]["trades"] == 6


def test_an_import_that_stood_still_and_was_undone_does_not_go_on(
    hand: Caller, account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = api_imports.trades_record

    def undo_after(**values: Any) -> Any:
        found = record(**values)
        ImportRun.objects.update(result={})
        hand.post(f"imports/{values['import_run'].pk}/undo", None)
        return found

    monkeypatch.setattr(api_imports, "trades_record", undo_after)
    monkeypatch.setattr(api_imports, "TRADES_CHUNK", 2)
    monkeypatch.setattr(importing, "NOTED_EVERY", 0)
    path = tmp_path / "t.csv"
    path.write_text("\n".join([HEADER, *(f"t{n},X,long,1,pending" for n in range(9))]))
    with pytest.raises(CommandError, match="was undone while it stood still"):
        run("import_trades", path, "--account", "main")
    assert not Trade.objects.exists()


def test_what_was_undone_may_be_imported_again(hand: Caller, load: Callable[..., int]) -> None:
    hand.post(f"imports/{load('a', 'b')}/undo", None)
    assert not DeletedTrade.objects.exists()
    load("a", "b")
    assert Trade.objects.count() == 2


def test_a_deleted_trade_does_not_come_back_with_its_file(hand: Caller, load: Callable[..., int]) -> None:
    load("a", "b")
    assert hand.send("DELETE", f"trades/{Trade.objects.get(trade_id='a').pk}") is None
    again = hand.get(f"imports/{load('a', 'b')}")["result"]["files"][0]
    assert (again["stale"], again["skipped"]) == (1, 1) and Trade.objects.get().trade_id == "b"


def test_an_interrupted_undo_is_finished_by_the_next(
    hand: Caller, load: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    pk = load(*(f"t{n}" for n in range(7)))
    monkeypatch.setattr(imports, "CHUNK", 2)
    chunk, done = imports.undo_chunk, list[int]()

    def breaks(*args: Any) -> int:
        if len(done) == 2:
            raise RuntimeError("the power went")
        done.append(1)
        return chunk(*args)

    with monkeypatch.context() as patched:
        patched.setattr(imports, "undo_chunk", breaks)
        hand.client.raise_request_exception = False
        hand.refused(500, "POST", f"imports/{pk}/undo")
    half = hand.get(f"imports/{pk}")
    assert (half["undone_at"], half["result"]["undone"]["trades"], Trade.objects.count()) == (None, 4, 3)
    assert hand.post(f"imports/{pk}/undo", None)["result"]["undone"]["trades"] == 7
    assert not Trade.objects.exists()


def test_a_long_undo_is_asked_for_again(
    hand: Caller, load: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    pk = load(*(f"t{n}" for n in range(7)))
    monkeypatch.setattr(imports, "CHUNK", 2)
    monkeypatch.setattr(import_runs, "MOST", 4)
    for left in (3, 3):  # the same request again does nothing again
        part = hand.post(f"imports/{pk}/undo", None, idempotency_key="k")
        assert (part["undone_at"], part["result"]["undone"]["trades"], Trade.objects.count()) == (None, 4, left)
    assert hand.post(f"imports/{pk}/undo", None)["result"]["undone"]["trades"] == 7
    assert hand.get(f"imports/{pk}")["undone_at"] is not None and not Trade.objects.exists()


def test_a_bad_key_is_refused_before_anything_is_deleted(
    hand: Caller, load: Callable[..., int], stored: Callable[[], Any]
) -> None:
    pk = load("a")
    before = stored()
    hand.refused(400, "POST", f"imports/{pk}/undo", idempotency_key="x" * 65)
    assert list(hand.refused(400, "POST", f"imports/{pk}/undo", {"sure": True})["fields"]) == ["sure"]
    assert list(hand.refused(400, "POST", f"imports/{pk}/undo?dry=true")["fields"]) == ["dry"]
    assert stored() == before


def test_only_an_owner_takes_back(
    bot: Caller, operator: User, person: Person, program: Any, other_account: Account, load: Callable[..., int]
) -> None:
    pk = load("a")
    for caller in (bot, person(operator)):
        caller.refused(403, "POST", f"imports/{pk}/undo")
    stranger = program(of=other_account)
    stranger.refused(404, "GET", f"imports/{pk}")
    assert stranger.get("imports")["imports"] == [] and Trade.objects.exists()
