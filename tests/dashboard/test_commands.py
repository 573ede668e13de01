"""create_account, create_user, create_api_key."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError
from django.utils import timezone
from rest_framework.test import APIClient

from dashboard.models import Account, ApiKey, Bot
from realtime.log import read
from tests.conftest import PASSWORD
from tests.dashboard.commands import head, run

pytestmark = pytest.mark.django_db


def test_create_account_with_defaults() -> None:
    run("create_account", "desk-1")
    found = Account.objects.get()
    assert (found.slug, found.name, found.kind, found.base_currency) == ("desk-1", "desk-1", "live", "USDT")
    assert (found.periods_per_year, found.initial_capital) == (365, None)
    assert head(found) == 0


def test_create_account_with_everything() -> None:
    run(
        "create_account", "b", "--name", "Backtests", "--kind", "backtest", "--exchange", "binance",
        "--currency", "BTC", "--periods-per-year", "252", "--initial-capital", "1000.000000000000000001",
    )  # fmt: skip
    found = Account.objects.get()
    assert (found.name, found.kind, found.exchange, found.base_currency) == ("Backtests", "backtest", "binance", "BTC")
    assert (found.periods_per_year, found.initial_capital) == (252, Decimal("1000.000000000000000001"))


@pytest.mark.parametrize(
    "arguments",
    [
        ["Main"], ["a b"], ["-a"], [""], ["x" * 51], ["a", "--kind", "real"], ["a", "--periods-per-year", "260"],
        ["a", "--initial-capital", "lots"], ["a", "--initial-capital", "0"], ["a", "--initial-capital", "NaN"],
        ["a", "--initial-capital", "1e30"], ["a", "--currency", "x" * 21], ["a", "--name", ""],
    ],
)  # fmt: skip
def test_create_account_refuses(arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        run("create_account", *arguments)
    assert not Account.objects.exists()


def test_create_account_twice(account: Account) -> None:
    with pytest.raises(CommandError, match=r"slug: .*already exists"):
        run("create_account", account.slug)


def test_create_user(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOTV2_PASSWORD", PASSWORD)
    said = run("create_user", "ann", "--account", "main", "--role", "operator")
    user = User.objects.get()
    assert user.check_password(PASSWORD) and not user.is_staff and not user.is_superuser
    assert [(one.account, one.role) for one in user.memberships.all()] == [(account, "operator")]
    assert PASSWORD not in said


@pytest.mark.parametrize(
    ("name", "role", "slug", "password", "reason"),
    [
        ("ann", "owner", "main", "short", "too short"),
        ("ann", "owner", "main", "qwerty123456", "too common"),
        ("ann", "owner", "main", None, "set BOTV2_PASSWORD"),
        ("ann", "owner", "main", "", "set BOTV2_PASSWORD"),
        ("ann", "king", "main", PASSWORD, "invalid choice"),
        ("ann", "owner", "nope", PASSWORD, "There is no account 'nope'. Accounts: main."),
        ("a n n", "owner", "main", PASSWORD, "username"),
        ("", "owner", "main", PASSWORD, "username"),
        ("taken", "owner", "main", PASSWORD, "already exists"),
    ],
)
def test_create_user_refuses(
    account: Account,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    role: str,
    slug: str,
    password: str | None,
    reason: str,
) -> None:
    User.objects.create_user("taken")
    monkeypatch.delenv("BOTV2_PASSWORD", raising=False)
    if password is not None:
        monkeypatch.setenv("BOTV2_PASSWORD", password)
    with pytest.raises(CommandError, match=reason):
        run("create_user", name, "--account", slug, "--role", role)
    assert User.objects.count() == 1


def test_create_api_key_prints_a_key_that_works(account: Account, api: Callable[..., APIClient]) -> None:
    printed = run("create_api_key", "--account", "main", "--scopes", "read,ingest", "--bot", "b 1", "--name", "laptop")
    token = printed.removesuffix("\n")
    assert token.startswith("bv2_live_") and not set(token) & set(" \n")
    key = ApiKey.objects.get()
    assert (key.scopes, key.name) == (["ingest", "read"], "laptop")
    assert key.bot == Bot.objects.get(account=account, name="b 1")
    assert key.expires_at is not None and timedelta(89) < key.expires_at - timezone.now() <= timedelta(90)
    assert [row.type for row in read(account.stream_key, 0, 10)] == ["bot_status"]
    assert api(token).get("/api/trades").status_code == 200


def test_create_api_key_for_a_known_bot_announces_nothing(account: Account) -> None:
    run("create_api_key", "--account", "main", "--scopes", "ingest", "--bot", "b")
    before = head(account)
    run("create_api_key", "--account", "main", "--scopes", "ingest", "--bot", "b", "--expires-days", "1")
    assert head(account) == before
    assert Bot.objects.count() == 1 and ApiKey.objects.count() == 2


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--account", "nope", "--scopes", "read"], "There is no account"),
        (["--account", "main", "--scopes", "read,admin"], "scopes are read, ingest, write; got admin"),
        (["--account", "main", "--scopes", ""], "scopes are"),
        (["--account", "main"], "required"),
        (["--account", "main", "--scopes", "read", "--expires-days", "0"], "from 1 to 3650"),
        (["--account", "main", "--scopes", "read", "--bot", ""], "--bot must have 1 to 100"),
        (["--account", "main", "--scopes", "nonsense", "--bot", "new"], "got nonsense"),
    ],
)
def test_create_api_key_refuses(account: Account, arguments: list[str], reason: str) -> None:
    with pytest.raises(CommandError, match=reason):
        run("create_api_key", *arguments)
    assert not ApiKey.objects.exists() and not Bot.objects.exists()
    assert head(account) == 0
