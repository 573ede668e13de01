"""Pages: who sees them, what they say of an empty and of a busy account, what the address of Trades asks for."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dashboard.models import Account, Strategy, Trade
from dashboard.page_filters import period_start
from dashboard.services.links import sign_in_link_create

PAGES = ("overview", "trades", "connect")


@pytest.fixture
def signed_in(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def add_trade(account: Account, number: int, **changes: Any) -> Trade:
    strategy, _ = Strategy.objects.get_or_create(account=account, name=changes.pop("strategy", "Trend"))
    now = timezone.now()
    values: dict[str, Any] = {
        "trade_id": f"t-{number}",
        "symbol": "ETC/USDT:USDT",
        "direction": "long",
        "size": Decimal("5"),
        "status": "closed",
        "entry_price": Decimal("18.3"),
        "entry_time": now - timedelta(hours=2),
        "exit_price": Decimal("18.4"),
        "exit_time": now - timedelta(minutes=number),
        "net_pnl": Decimal("1.25"),
        "created_at": now,
        "updated_at": now,
    }
    return Trade.objects.create(account=account, strategy=strategy, **(values | changes))


def page(client: Client, route: str, query: str = "") -> str:
    response = client.get(reverse(route, args=["main"]) + query)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("route", PAGES)
def test_nobody_sees_a_page_without_signing_in(client: Client, account: Account, route: str) -> None:
    response = client.get(reverse(route, args=["main"]))
    assert response.status_code == 302
    assert response["Location"].startswith("/login?next=/a/main/")


@pytest.mark.parametrize("route", PAGES)
@pytest.mark.parametrize("slug", ["other", "unknown"])
def test_a_foreign_account_is_not_there(signed_in: Client, other_account: Account, route: str, slug: str) -> None:
    response = signed_in.get(reverse(route, args=[slug]))
    assert response.status_code == 404
    assert "There is nothing here" in response.content.decode()


@pytest.mark.parametrize("route", PAGES)
def test_an_empty_account_says_what_to_do(signed_in: Client, route: str) -> None:
    text = page(signed_in, route)
    assert "Connect a bot" in text
    assert "Not recording" in text


def test_the_overview_shows_what_was_traded(signed_in: Client, account: Account) -> None:
    add_trade(account, 1)
    add_trade(account, 2, net_pnl=Decimal("-0.75"), symbol="LTC/USDT")
    add_trade(account, 3, status="open", exit_price=None, exit_time=None, net_pnl=Decimal("0.5"))
    text = page(signed_in, "overview")
    assert re.search(r'data-bind="summary.total_pnl"[^>]*>\+1\.00<', text)
    assert re.search(r'data-bind="summary.win_rate"[^>]*>50\.0<', text)
    assert "from trades, no snapshot yet" in text
    assert text.count('data-rows="open_trades"') == 1
    assert re.search(r'data-bind="summary.waterfall.open"[^>]*>\+0\.50<', text)


@pytest.mark.parametrize("route", PAGES)
def test_a_demo_account_says_so(signed_in: Client, account: Account, route: str) -> None:
    Account.objects.filter(pk=account.pk).update(kind="demo")
    assert '<span class="tag demo">Demo</span>' in page(signed_in, route)


def test_home_leads_to_the_account_that_reported_last(signed_in: Client, account: Account) -> None:
    assert signed_in.get("/")["Location"] == "/a/main/"


def test_home_of_a_person_without_account_says_what_to_do(client: Client, stranger: User) -> None:
    client.force_login(stranger)
    assert "Your first account" in client.get("/").content.decode()


def rows(text: str) -> list[str]:
    body = re.search(
        r'<tbody data-rows="trades" data-shows="trade"><template>.*?</template>(.*?)</tbody>', text, re.DOTALL
    )
    assert body is not None
    return re.findall(r'<tr tabindex="0" data-row="\d+">.*?</tr>', body[1], re.DOTALL)


def test_trades_are_filtered_by_the_address(signed_in: Client, account: Account) -> None:
    add_trade(account, 1, strategy="Trend", net_pnl=Decimal(1))
    add_trade(account, 2, strategy="Range", net_pnl=Decimal(-1), direction="short", symbol="LTC/USDT")
    add_trade(account, 3, strategy="Range", status="open", exit_price=None, exit_time=None, net_pnl=None)
    for query, count in {
        "": 3,
        "?status=closed": 2,
        "?status=open": 1,
        "?strategy=Range": 2,
        "?strategy=Range&strategy=Trend": 3,
        "?direction=short": 1,
        "?symbol=LTC/USDT": 1,
        "?outcome=loss": 1,
        "?outcome=win&strategy=Trend": 1,
    }.items():
        assert len(rows(page(signed_in, "trades", query))) == count, query


@pytest.mark.parametrize(
    "query",
    [
        "?status=x",
        "?ordering=secret",
        "?ordering=--id",
        "?page=0",
        "?page=abc",
        "?page=٣",
        "?period=eon",
        "?strategy=gone",
    ],
)
def test_a_stale_address_shows_trades_and_no_error(signed_in: Client, account: Account, query: str) -> None:
    add_trade(account, 1)
    assert len(rows(page(signed_in, "trades", query))) == 1


def test_a_filter_without_trades_says_so(signed_in: Client, account: Account) -> None:
    add_trade(account, 1)
    text = page(signed_in, "trades", "?outcome=loss")
    assert "No trade fits these filters" in text
    assert rows(text) == []


def test_trades_come_in_pages_of_fifty(signed_in: Client, account: Account) -> None:
    for number in range(51):
        add_trade(account, number)
    first = page(signed_in, "trades", "?status=closed")
    assert len(rows(first)) == 50
    assert 'href="?status=closed&amp;page=2"' in first
    assert "data-trades-url" in first
    second = page(signed_in, "trades", "?status=closed&page=2")
    assert len(rows(second)) == 1
    assert 'rel="prev" href="?status=closed"' in second
    assert "data-trades-url" not in second, "only the first page follows the log"


def test_a_head_sorts_and_turns_round(signed_in: Client, account: Account) -> None:
    for number, net in enumerate((2, -3, 1)):
        add_trade(account, number, net_pnl=Decimal(net))
    text = page(signed_in, "trades")
    assert 'href="?ordering=-net_pnl"' in text
    sorted_text = page(signed_in, "trades", "?ordering=-net_pnl")
    assert [re.search(r"[+−][\d.]+(?=</span></td>\s*<td class=\"by\")", row)[0] for row in rows(sorted_text)] == [  # type: ignore[index]
        "+2.00", "+1.00", "−3.00",
    ]  # fmt: skip
    assert 'aria-sort="descending"' in sorted_text
    assert 'href="?ordering=net_pnl"' in sorted_text


def test_periods_begin_with_their_utc_day() -> None:
    now = datetime(2024, 8, 2, 15, 20, tzinfo=UTC)  # a Friday
    starts = {name: period_start(name, now) for name in ("today", "week", "month", "quarter", "year", "all")}
    assert {name: start and start.date().isoformat() for name, start in starts.items()} == {
        "today": "2024-08-02", "week": "2024-07-29", "month": "2024-08-01", "quarter": "2024-07-01",
        "year": "2024-01-01", "all": None,
    }  # fmt: skip


def test_names_from_bots_are_escaped_everywhere(signed_in: Client, account: Account) -> None:
    evil = "<script>alert(1)</script>"
    add_trade(account, 1, strategy=evil, symbol=f"{evil}/X", exit_reason=evil)
    add_trade(account, 2, strategy=evil, symbol=evil, status="open", exit_price=None, exit_time=None)
    for route in PAGES:
        assert evil not in page(signed_in, route)


def test_no_page_has_inline_code_without_the_nonce(signed_in: Client, account: Account) -> None:
    add_trade(account, 1)
    for route in PAGES:
        response = signed_in.get(reverse(route, args=["main"]))
        text = response.content.decode()
        nonce = re.search(r"'nonce-([^']+)'", response["Content-Security-Policy"])
        assert nonce is not None
        for tag in re.findall(r"<script[^>]*>", text):
            assert f'nonce="{nonce[1]}"' in tag or " src=" in tag or 'type="application/json"' in tag
        assert not re.findall(r"<[^>]+\sstyle=", text)


def test_the_theme_is_the_cookie_and_nothing_else(signed_in: Client) -> None:
    signed_in.cookies["theme"] = "terminal"
    assert 'data-theme="terminal"' in page(signed_in, "connect")
    assert 'data-theme="terminal"' in signed_in.get("/nothing").content.decode()
    signed_in.cookies["theme"] = 'x" onload="1'
    assert 'data-theme="auto"' in page(signed_in, "connect")


def test_a_sign_in_link_works_once(client: Client, owner: User) -> None:
    token = sign_in_link_create(user=owner, now=timezone.now())
    assert client.get(f"/sign-in/{token}")["Location"] == "/"
    assert client.get("/a/main/").status_code == 200
    other = Client()
    response = other.get(f"/sign-in/{token}")
    assert response.status_code == 410
    assert "This link is used up" in response.content.decode()
    assert other.get("/a/main/").status_code == 302


def test_signing_out_is_a_post(signed_in: Client) -> None:
    assert signed_in.get("/logout").status_code == 405
    assert signed_in.post("/logout")["Location"] == "/login"
    assert signed_in.get("/a/main/").status_code == 302


def test_signing_in_goes_on_to_the_page_wanted_on_this_site_only(client: Client, owner: User) -> None:
    form = {"username": "owner", "password": "correct horse battery staple"}
    assert client.post("/login", {**form, "next": "/a/main/trades"})["Location"] == "/a/main/trades"
    client.logout()
    assert client.post("/login", {**form, "next": "https://evil.example/"})["Location"] == "/"


def test_a_wrong_password_is_told_without_saying_what_was_wrong(client: Client, owner: User) -> None:
    texts = []
    for username in ("owner", "nobody"):
        text = client.post("/login", {"username": username, "password": "wrong"}).content.decode()
        alert = re.search(r'role="alert"[^>]*>(.*?)</p>', text)
        assert alert is not None
        texts.append(alert[1])
    assert texts[0] == texts[1]


@pytest.mark.django_db
def test_too_many_attempts_pause_signing_in(client: Client, settings: Any) -> None:
    form = {"username": "owner", "password": "wrong"}
    answers = [client.post("/login", form) for _ in range(settings.AXES_FAILURE_LIMIT)]
    assert answers[0].status_code == 200
    assert answers[-1].status_code == 429
    assert "Too many attempts" in answers[-1].content.decode()


def test_the_error_pages_say_what_to_do(client: Client, owner: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    response = strict.post("/login", {"username": "owner"})
    assert response.status_code == 403
    assert "This form has gone stale" in response.content.decode()
    response = client.get("/nothing/here")
    assert response.status_code == 404
    assert "Open the dashboard" in response.content.decode()


def test_a_broken_page_names_the_request_and_shows_no_trace(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **options: Any) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("dashboard.pages.snapshot", broken)
    client = Client(raise_request_exception=False)
    client.force_login(owner)
    response = client.get("/a/main/")
    text = response.content.decode()
    assert response.status_code == 500
    assert response["X-Request-Id"] in text
    assert "secret detail" not in text
