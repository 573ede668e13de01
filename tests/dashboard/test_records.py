"""Alerts, Activity, All bots and Connect: what they show to whom, and what the address asks for."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from botv2.env import ROOT
from dashboard.activity import lines
from dashboard.models import Account, Alert, Bot, ImportRun, Membership, Portfolio, Strategy
from dashboard.services.alerts import alert_move
from dashboard.services.audit import Actor
from dashboard.services.imports import import_begin, import_end, import_note
from dashboard.services.strategies import strategy_change
from dashboard.templatetags.figures import Setting
from dashboard.words import WORDS
from realtime.models import Event, Stream
from tests.api.conftest import Caller, with_key

pytestmark = pytest.mark.django_db
SAMPLES = sorted((ROOT / "tests/samples/events").glob("*.json"))


@pytest.fixture
def signed_in(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


@pytest.fixture
def bot(account: Account, make_key: Callable[..., str]) -> Caller:
    return Caller(with_key(make_key(account, ("ingest", "read"))))


def page(client: Client, route: str, query: str = "", status: int = 200) -> str:
    response = client.get(reverse(route, args=["main"]) + query)
    assert response.status_code == status
    return response.content.decode()


def make_alert(account: Account, title: str, **values: Any) -> Alert:
    kept = {"type": "risk", "severity": "warning", "created_at": timezone.now()} | values
    return Alert.objects.create(account=account, title=title, **kept)


def titles(text: str) -> list[str]:
    return re.findall(r'data-bind="title" data-format="text" class="strong">([^<]+)<', text)


def test_open_alerts_and_the_history(signed_in: Client, account: Account, owner: User) -> None:
    now = timezone.now()
    done = make_alert(account, "Done", created_at=now - timedelta(days=1))
    alert_move(alert=done, status="resolved", user=owner, now=now)
    alert_move(alert=make_alert(account, "Seen"), status="acknowledged", user=owner, now=now)
    make_alert(account, "New", severity="critical", type="system")
    assert titles(page(signed_in, "alerts")) == ["New", "Seen"]
    history = page(signed_in, "alerts", "?show=history")
    assert titles(history) == ["New", "Seen", "Done"]
    assert re.search(r'data-bind="resolved_by" data-format="text" class="who">owner<', history)
    assert 'data-alerts-url="/api/alerts/history?account=main' in history


def test_alerts_are_filtered_by_the_address(signed_in: Client, account: Account) -> None:
    trend = Strategy.objects.create(account=account, name="Trend")
    make_alert(account, "A", type="system", strategy=trend)
    make_alert(account, "B", severity="critical")
    make_alert(account, "C", created_at=timezone.now() - timedelta(days=400), status="resolved")
    for query, wanted in {
        "?type=system": ["A"],
        "?severity=critical": ["B"],
        "?strategy=Trend": ["A"],
        "?status=resolved": ["C"],
        "?status=acknowledged": [],
        "?show=history&period=year": ["B", "A"],
        "?type=x&severity=&status=y&strategy=gone&page=0": ["B", "A"],
    }.items():
        assert titles(page(signed_in, "alerts", query)) == wanted, query
    assert "No alert fits these filters" in page(signed_in, "alerts", "?status=acknowledged")


def test_alerts_come_in_pages(signed_in: Client, account: Account) -> None:
    for number in range(51):
        make_alert(account, f"n{number}")
    first = page(signed_in, "alerts", "?severity=warning")
    assert len(titles(first)) == 50 and 'href="?severity=warning&amp;page=2"' in first
    second = page(signed_in, "alerts", "?severity=warning&page=2")
    assert titles(second) == ["n0"] and "data-alerts-url" not in second


def test_a_viewer_sees_alerts_and_no_buttons(client: Client, viewer: User, account: Account) -> None:
    make_alert(account, "New")
    client.force_login(viewer)
    for route in ("alerts", "overview"):
        text = page(client, route)
        assert "New" in text and "data-alert-act" not in text


def test_no_alert_says_so(signed_in: Client) -> None:
    assert "Nothing is wrong as far as the bots say" in page(signed_in, "alerts")
    assert "No alert yet" in page(signed_in, "alerts", "?show=history")


def test_every_documented_event_has_words() -> None:
    """A type or a change that is added to the table needs its words."""
    table = re.findall(r"^\| `(\w+)` \|.*\|(.*)\|$", (ROOT / "docs/events.md").read_text(), re.MULTILINE)
    assert {name for name, _ in table} == set(WORDS["event_type"]) == {path.stem for path in SAMPLES}
    for name, changes in table:
        acts = re.findall(r"`(\w+)`", changes)
        assert all(f"{name} {act}" in WORDS["event"] for act in acts), name
        assert acts or any(key.split()[0] == name for key in WORDS["event"]), name


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_an_event_in_words(path: Path, account: Account) -> None:
    sample = json.loads(path.read_text(), parse_float=Decimal)
    at = timezone.now()
    event = (sample["s"], sample["type"], at, sample["d"])
    (found,) = lines(account, [event], Setting(2, at))
    assert found["what"] in map(str, WORDS["event"].values())
    assert found["thing"] and (found["url"] or "").startswith("/a/main/")
    wanted = {
        "trade_executed": ("BTC/USDT Long", ["+498.75 USDT", "at 31,000.00", "Trend"], "alpha"),
        "portfolio_update": ("1,000.00 USDT", [], "alpha"),
        "cashflow": ("+100.00 USDT", [], None),
        "alert": ("Losing week", ["Warning"], None),
        "annotation": ("New exchange", ["equity"], "ada"),
        "account_update": ("Main", ["name, initial capital"], None),
    }
    if path.stem in wanted:
        assert (found["thing"], found["facts"], found["by"]) == wanted[path.stem]


def test_activity_is_newest_first_and_paged(signed_in: Client, bot: Caller) -> None:
    for number in range(60):
        bot.post("alerts", {"type": "risk", "severity": "info", "title": f"n{number}"})
    text = page(signed_in, "activity")
    numbers = [int(number) for number in re.findall(r'<tr data-seq="(\d+)"', text)]
    assert numbers == list(range(60, 10, -1)) and "data-newest" in text
    assert 'href="?before=11"' in text
    older = page(signed_in, "activity", "?before=11")
    assert re.findall(r'<tr data-seq="(\d+)"', older) == [str(number) for number in range(10, 0, -1)]
    assert "This is where the log begins." in older and "data-newest" not in older


def test_activity_is_filtered_by_type_and_time(signed_in: Client, bot: Caller, account: Account) -> None:
    bot.post("alerts", {"type": "risk", "severity": "info", "title": "x"})
    bot.post("heartbeat", {"bot": "alpha", "state": "running"})
    Event.objects.filter(type="alert").update(created_at=timezone.now() - timedelta(days=3))
    found = {
        query: re.findall(r'<tr data-seq="(\d+)"', page(signed_in, "activity", query))
        for query in ("", "?type=alert", "?type=bot_status", "?period=today", "?type=x&before=0", "?type=cashflow")
    }
    assert found == {
        "": ["2", "1"], "?type=alert": ["1"], "?type=bot_status": ["2"], "?period=today": ["2"],
        "?type=x&before=0": ["2", "1"], "?type=cashflow": [],
    }  # fmt: skip
    assert "No event fits these filters" in page(signed_in, "activity", "?type=cashflow")


def test_activity_says_who_and_where_the_log_ends(signed_in: Client, owner: User, account: Account) -> None:
    strategy = Strategy.objects.create(account=account, name="Trend")
    actor = Actor("user:ada", owner)
    strategy_change(strategy=strategy, values={"enabled": False}, now=timezone.now(), actor=actor)
    text = page(signed_in, "activity")
    assert re.search(r'<td class="by">ada</td>', text) and "disabled" in text
    Stream.objects.filter(key=account.stream_key).update(floor=1, head=9)
    Event.objects.update(seq=9)
    Stream.objects.filter(key=account.stream_key).update(floor=9)
    assert "Older events are no longer kept" in page(signed_in, "activity")


def test_names_from_bots_are_escaped(signed_in: Client, bot: Caller, account: Account) -> None:
    evil = "<script>alert(1)</script>"
    bot.post("alerts", {"type": "risk", "severity": "info", "title": evil, "message": evil})
    bot.post("heartbeat", {"bot": "alpha", "state": "error", "message": evil})
    import_end(import_begin(account=account, kind="trades", files=[evil]))
    Account.objects.filter(pk=account.pk).update(exchange=evil)
    second(User.objects.get(username="owner"))
    texts = [page(signed_in, route) for route in ("alerts", "activity", "connect")]
    for text in [*texts, signed_in.get("/").content.decode()]:
        assert evil not in text


def second(owner: User, **values: Any) -> Account:
    account = Account.objects.create(**{"slug": "second", "name": "Second"} | values)
    Membership.objects.create(user=owner, account=account, role="viewer")
    return account


def test_the_start_page_is_the_overview_of_an_only_account(signed_in: Client) -> None:
    assert signed_in.get("/")["Location"] == "/a/main/"


def test_all_bots_and_sums_by_currency_and_kind(signed_in: Client, owner: User, account: Account) -> None:
    others = {
        "second": second(owner), "coins": second(owner, slug="coins", base_currency="BTC"),
        "demo": second(owner, slug="demo", kind="demo"),
    }  # fmt: skip
    now = timezone.now()
    values = ((account, "1000.10"), (others["second"], "0.2"), (others["coins"], "2"), (others["demo"], "5"))
    for each, value in values:
        Portfolio.objects.create(account=each, timestamp=now, total_value=Decimal(value))
    Bot.objects.create(account=account, name="alpha", state="running", last_seen=now)
    make_alert(account, "New")
    text = signed_in.get("/").content.decode()
    sums = re.findall(r'<p class="figure">([^<]+?) <small>(\w+)</small>', text)
    assert sums == [("2.00000000", "BTC"), ("1,000.30", "USDT"), ("5.00", "USDT")]
    rows = re.findall(r'<tr data-account="(\w+)"', text)
    assert rows == ["coins", "main", "second", "demo"]
    line = text[text.index('data-account="main"') :].partition("</tr>")[0]
    assert "1,000.10" in line and "1 open" in line and re.search(r"1 of 1 alive", re.sub(r"<[^>]+>", "", line))
    assert 'href="/a/main/alerts"' in line
    assert 'href="/"' in page(signed_in, "trades"), "the switcher leads here"


def test_all_bots_shows_only_mine(signed_in: Client, owner: User, other_account: Account) -> None:
    second(owner)
    assert 'data-account="other"' not in signed_in.get("/").content.decode()


def test_all_bots_costs_the_same_for_two_accounts_and_for_twenty(signed_in: Client, owner: User) -> None:
    def cost() -> int:
        signed_in.get("/")
        with CaptureQueriesContext(connection) as captured:
            signed_in.get("/")
        return len(captured)

    second(owner)
    few = cost()
    for number in range(18):
        made = second(owner, slug=f"a{number}")
        Bot.objects.create(account=made, name="alpha", state="running", last_seen=timezone.now())
    assert cost() == few


def test_connect_lists_imports_and_takes_files_of_owners_alone(
    signed_in: Client, viewer: User, account: Account
) -> None:
    run = import_begin(account=account, kind="trades", files=["t.csv"])
    import_note(run, timezone.now(), [{"file": "t.csv", "created": 3, "updated": 1, "skipped": 0, "rejected_count": 2,
                                       "error": "ends too early"}])  # fmt: skip
    running = page(signed_in, "connect")
    assert "Running" in running and "data-undo-run" not in running
    import_end(run)
    text = page(signed_in, "connect")
    cells = re.findall(r'data-bind="(?:created|updated|skipped|rejected_count)"[^>]*>(\d+)<', text)
    assert cells == ["3", "1", "0", "2"] and "ends too early" in text and f'data-undo-run="{run.pk}"' in text
    assert "data-import-file" in text and "data-new-key" in text
    ImportRun.objects.update(undone_at=timezone.now(), result={"undone": {"trades": 3, "candles": 0}})
    assert "Taken back" in page(signed_in, "connect")
    other = Client()
    other.force_login(viewer)
    seen = page(other, "connect")
    assert "t.csv" in seen
    assert not re.search("data-import-file|data-new-key|data-undo-run", seen)


@pytest.mark.parametrize("status", [403, 404, 410, 500, 503])
def test_a_page_for_each_thing_that_goes_wrong(
    client: Client, owner: User, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    """Each says what happened and what to do, in the person's theme."""

    def breaks(error: Exception) -> Callable[..., Any]:
        def view(*args: Any, **values: Any) -> Any:
            raise error

        return view

    client.force_login(owner)
    client.cookies["theme"] = "terminal"
    client.raise_request_exception = False
    path, what = {
        403: ("/login", "This form has gone stale"),
        404: ("/a/nobody/", "There is nothing here"),
        410: ("/sign-in/used-up", "This link is used up"),
        500: ("/a/main/", "Something broke on our side"),
        503: ("/a/main/", "Busy for a moment"),
    }[status]
    error = OperationalError("inner detail") if status == 503 else RuntimeError("inner detail")
    if status >= 500:
        monkeypatch.setattr("dashboard.pages.snapshot", breaks(error))
    if status == 403:
        strict = Client(enforce_csrf_checks=True)
        strict.cookies["theme"] = "terminal"
        response = strict.post(path, {"username": "a", "password": "b"})
    else:
        response = client.get(path)
    text = response.content.decode()
    assert response.status_code == status and what in text and 'data-theme="terminal"' in text
    assert ('<a class="button primary" href="">Load it again</a>' in text) == (status in (403, 500, 503))
    assert "inner detail" not in text
    assert response["Content-Security-Policy"] and response["X-Request-Id"]
    assert (response["X-Request-Id"] in text) == (status >= 500)
