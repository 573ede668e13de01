"""Every answer below /api/ is in the envelope, whatever went wrong and wherever."""

import gzip
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, InterfaceError, OperationalError
from rest_framework.test import APIClient

from api.errors import CODES
from botv2.env import ROOT
from dashboard.selectors import overview
from dashboard.services import trades as trade_service
from tests.api.conftest import Caller
from tests.api.samples import trade

pytestmark = pytest.mark.django_db
Person = Callable[[User], Caller]


def test_success(bot: Caller) -> None:
    answer = bot.send("GET", "trades")
    assert set(answer) == {"success", "data"} and answer["success"] is True
    assert bot.response["Content-Type"] == "application/json" and len(bot.response["X-Request-Id"]) == 16


@pytest.mark.parametrize(
    ("status", "method", "path", "code"),
    [
        (404, "GET", "", "not_found"),
        (404, "GET", "nothing", "not_found"),
        (404, "GET", "trades/", "not_found"),
        (404, "GET", "trades/abc", "not_found"),
        (404, "POST", "v1/trades", "not_found"),
        (404, "GET", "%00", "not_found"),
        (404, "GET", "../api/x", "not_found"),
        (404, "GET", "%2e%2e/trades", "not_found"),
        (404, "GET", "/trades", "not_found"),
        (405, "PUT", "trades", "method_not_allowed"),
        (405, "DELETE", "portfolio", "method_not_allowed"),
        (405, "PUT", "accounts", "method_not_allowed"),
        (405, "TRACE", "trades", "method_not_allowed"),
        (405, "OPTIONS", "trades", "method_not_allowed"),
        (405, "GET", "heartbeat", "method_not_allowed"),
        (405, "PATCH", "market/X", "method_not_allowed"),
        (405, "BREW", "trades", "method_not_allowed"),
        (400, "GET", "trades?limit=x", "invalid"),
        (404, "GET", "trades?account=other", "not_found"),
    ],
)
@pytest.mark.parametrize("accept", ["application/json", "text/xml", "*/*;q=0.1", ";;;,", "image/*"])
def test_refusals(bot: Caller, status: int, method: str, path: str, code: str, accept: str) -> None:
    assert bot.refused(status, method, path, accept=accept)["code"] == code


def test_an_answer_names_the_methods_that_its_address_takes(bot: Caller) -> None:
    for method, path, allowed in (
        ("GET", "trades", "GET, HEAD, POST"),
        ("OPTIONS", "trades", "GET, HEAD, POST"),
        ("PUT", "trades/1", "GET, HEAD, PATCH, DELETE"),
        ("GET", "heartbeat", "POST"),
    ):
        bot.send(method, path)
        assert set(bot.response["Allow"].split(", ")) == set(allowed.split(", ")), path


def test_a_browser_is_shown_a_page(bot: Caller, owner: User, person: Person) -> None:
    bot.post("trades", trade())
    hand = person(owner)
    for path, status in (("trades", 200), ("portfolio", 200), ("trades?limit=x", 400), ("trades/999", 404)):
        response = hand.client.get(f"/api/{path}", HTTP_ACCEPT="text/html,*/*;q=0.8")
        assert response.status_code == status and response["Content-Type"].startswith("text/html"), path
        assert "request_id" in response.content.decode() or status == 200


def test_nobody_is_asked_who_they_are(account: Any) -> None:
    nobody = Caller(APIClient())
    error = nobody.refused(401, "GET", "trades")
    assert error["code"] == "unauthenticated" and nobody.response["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "application/jsonx",
        "nonsense",
        "application/json, text/plain",
    ],
)
def test_another_media_type(bot: Caller, kind: str) -> None:
    assert bot.refused(415, "POST", "trades", trade(), content_type=kind)["code"] == "unsupported_media_type"


def test_a_compressed_body(bot: Caller) -> None:
    bomb = gzip.compress(b"[" + b" " * 10_000_000 + b"]")
    assert bot.refused(415, "POST", "trades", bomb, content_encoding="gzip")["code"] == "unsupported_media_type"


def test_a_large_body(bot: Caller, stored: Callable[[], dict[str, int]]) -> None:
    before = stored()
    for padding in (b" " * (1024 * 1024), b"x" * 3_000_000):
        assert bot.refused(413, "POST", "trades", b'[{"trade_id": "t"' + padding)["code"] == "too_large"
    assert stored() == before


def test_a_wrong_host(bot: Caller) -> None:
    for host in ("evil.example", "a b", "127.0.0.1:x", "[", "testserver.evil.example"):
        assert bot.refused(400, "GET", "trades", host=host)["code"] == "invalid"


def test_a_write_with_a_session_needs_the_token(owner: User) -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(owner)
    hand = Caller(client)
    assert hand.refused(403, "POST", "trades", trade())["code"] == "csrf_failed"
    client.cookies["csrf"] = token = "a" * 32
    assert hand.refused(403, "POST", "trades", trade(), x_csrftoken="b" * 32)["code"] == "csrf_failed"
    assert (
        hand.refused(403, "POST", "trades", trade(), x_csrftoken=token, origin="https://evil.example")["code"]
        == "csrf_failed"
    )
    hand.post("trades", trade(), status=201, x_csrftoken=token)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_cannot_write_with_our_cookies(owner: User, bot: Caller, person: Person, site: str) -> None:
    hand = person(owner)
    assert hand.refused(403, "POST", "trades", trade(), sec_fetch_site=site)["code"] == "forbidden"
    hand.get("trades", sec_fetch_site=site)
    hand.post("trades", trade(), sec_fetch_site="same-origin")
    bot.post("trades", trade(), sec_fetch_site=site)  # a key is no cookie: a page must have been given it


@pytest.mark.parametrize("fault", [RuntimeError, KeyError, RecursionError, MemoryError, UnicodeError])
def test_a_fault_of_ours(bot: Caller, monkeypatch: pytest.MonkeyPatch, stored: Any, fault: type[Exception]) -> None:
    bot.client.raise_request_exception = False
    before = stored()

    def fail(*args: Any, **kwargs: Any) -> None:
        raise fault("secret detail: SELECT * FROM dashboard_trade")

    monkeypatch.setattr(trade_service, "announce", fail)  # after the rows were written
    monkeypatch.setattr(overview, "AccountRows", fail)
    for method, path, body in (("POST", "trades", trade(strategy="New")), ("GET", "snapshot", None)):
        error = bot.refused(500, method, path, body)
        assert error["code"] == "internal" and "secret" not in str(error) and "SELECT" not in str(error)
    assert stored() == before


@pytest.mark.parametrize("fault", [OperationalError, InterfaceError, DatabaseError])
def test_a_database_that_does_not_answer(
    bot: Caller, monkeypatch: pytest.MonkeyPatch, stored: Any, fault: type[Exception]
) -> None:
    before = stored()

    def fail(*args: Any, **kwargs: Any) -> None:
        raise fault("could not connect to 10.0.0.1 as botv2")

    with monkeypatch.context() as patched:
        patched.setattr(trade_service, "announce", fail)
        for body in (trade(strategy="New", bot="new"), [trade(strategy="New"), {}]):
            error = bot.refused(503, "POST", "trades", body, idempotency_key="k")
            assert (
                error["code"] == "unavailable" and "10.0.0.1" not in str(error) and bot.response["Retry-After"] == "1"
            )
    assert stored() == before
    bot.post("trades", trade(strategy="New", bot="new"), status=201, idempotency_key="k")


def test_every_code_is_in_the_manual_and_the_other_way_round() -> None:
    page = (ROOT / "docs" / "errors.md").read_text()
    told = {(int(status), code) for status, code in re.findall(r"^\| (\d{3}) \| `(\w+)` \|", page, re.MULTILINE)}
    more = {
        (400, "account_required"),
        (409, "import_running"),
        (403, "password_needed"),
        (403, "csrf_failed"),
        (403, "https_required"),
    }
    assert told == set(CODES.items()) | more
