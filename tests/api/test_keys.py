"""API keys: what they look like, what is kept of them, and when they stop working."""

import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.apps import apps
from django.core import serializers
from django.utils import timezone
from rest_framework.test import APIClient

from dashboard.models import Account, ApiKey
from dashboard.services.keys import ALPHABET, TOUCH_EVERY, checksum, key_create, key_find, key_revoke
from tests.api.conftest import Caller, with_key

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(account: Account) -> tuple[ApiKey, str]:
    return key_create(account=account, scopes=["read"], now=timezone.now())


def test_format_and_checksum(made: tuple[ApiKey, str]) -> None:
    key, token = made
    assert re.fullmatch(r"bv2_live_[0-9A-Za-z]{8}_[0-9A-Za-z]{36}_[0-9A-Za-z]{6}", token)
    body, _, check = token.rpartition("_")
    assert checksum(body) == check and body.split("_")[2] == key.prefix
    assert key_find(token) == key
    assert key.expires_at is not None and 89 < (key.expires_at - timezone.now()).days + 1 <= 90


def test_every_changed_character_is_noticed(made: tuple[ApiKey, str]) -> None:
    token = made[1]
    for index in range(len(token)):
        other = ALPHABET[(ALPHABET.find(token[index]) + 1) % 62]
        assert key_find(token[:index] + other + token[index + 1 :]) is None
    body = token.rpartition("_")[0]
    guess = body[:-1] + ("A" if body[-1] != "A" else "B")
    assert key_find(f"{guess}_{checksum(guess)}") is None  # well formed, but never made
    for noise in (
        "",
        "bv2",
        token + "x",
        token + "\n",
        "é" * 64,
        token.upper(),
        "\x00",
        token.replace("_live_", "_paper_"),
    ):
        assert key_find(noise) is None


def test_the_database_holds_no_usable_key(made: tuple[ApiKey, str], settings: object, bot: Caller) -> None:
    key, token = made
    Caller(with_key(token)).get("trades")
    dump = "".join(serializers.serialize("json", model._default_manager.all()) for model in apps.get_models())
    assert key.prefix in dump and token not in dump and token.split("_")[3] not in dump
    assert ApiKey.objects.get(pk=key.pk).hash in dump and len(key.hash) == 64
    settings.KEY_PEPPER = "another pepper"  # type: ignore[attr-defined]
    assert key_find(token) is None


def test_it_stops_when_it_expires_or_is_revoked(account: Account, made: tuple[ApiKey, str]) -> None:
    key, token = made
    caller = Caller(with_key(token))
    caller.get("trades")
    key_revoke(key, now=timezone.now())
    error = caller.refused(401, "GET", "trades")
    assert error["code"] == "unauthenticated" and caller.response["WWW-Authenticate"] == "Bearer"
    late = key_create(
        account=account, scopes=["read"], now=timezone.now(), expires_at=timezone.now() + timedelta(seconds=1)
    )
    Caller(with_key(late[1])).get("trades")
    ApiKey.objects.filter(pk=late[0].pk).update(expires_at=timezone.now())
    Caller(with_key(late[1])).refused(401, "GET", "trades")


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "Bearer x", "Basic dXNlcjpwYXNz", "Bearer é", "Token abc", "Bearer bv2_live_x", "bearer\t"],
)
def test_other_headers_are_refused(account: Account, header: str) -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=header)
    assert Caller(client).refused(401, "GET", "trades")["code"] == "unauthenticated"


def test_the_word_bearer_is_read_in_any_case(made: tuple[ApiKey, str]) -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"bEaReR {made[1]}")
    Caller(client).get("trades")


@pytest.mark.parametrize("query", ["key={}", "account={}", "symbol={}&symbol=x", "search={}", "api_key=x&token={}"])
def test_a_key_in_the_address_is_refused_although_it_would_do(made: tuple[ApiKey, str], query: str) -> None:
    for client in (APIClient(), with_key(made[1])):
        error = Caller(client).refused(400, "GET", f"trades?{query.format(made[1])}")
        assert "Revoke" in error["message"] and made[1] not in json.dumps(error)


def test_use_is_remembered_once_a_minute(made: tuple[ApiKey, str]) -> None:
    key, token = made
    caller = Caller(with_key(token))
    caller.get("trades")
    first = ApiKey.objects.get(pk=key.pk)
    assert first.last_used_at is not None and first.last_used_ip == "127.0.0.1"
    caller.get("trades")
    assert ApiKey.objects.get(pk=key.pk).last_used_at == first.last_used_at
    ApiKey.objects.filter(pk=key.pk).update(last_used_at=first.last_used_at - TOUCH_EVERY)
    caller.get("trades")
    again = ApiKey.objects.get(pk=key.pk).last_used_at
    assert again is not None and again > first.last_used_at - TOUCH_EVERY


@pytest.mark.parametrize("scopes", [[], ["admin"], ["read", "root"]])
def test_scopes_are_from_a_list(account: Account, scopes: list[str]) -> None:
    with pytest.raises(ValueError, match="scopes are"):
        key_create(account=account, scopes=scopes, now=timezone.now())


def test_two_keys_of_one_account_work_side_by_side(program: Callable[..., Caller]) -> None:
    for caller in (program("read"), program("read")):
        caller.get("trades")
