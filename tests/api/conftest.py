"""Programs and people that speak to the API, and what they leave behind."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.http import HttpResponse
from rest_framework.test import APIClient

from dashboard.fields import dumps
from dashboard.models import Account
from realtime.log import position

UNCOUNTED = {"ApiKey", "Membership", "Stream", "SignInLink"}


class Caller:
    """A client of the API: bodies go out as they are, answers come back with exact numbers."""

    def __init__(self, client: APIClient) -> None:
        self.client = client
        self.response: Any = None

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The parsed answer; the response itself is kept in `response`."""
        data = body if isinstance(body, bytes | type(None)) else dumps(body)
        named: Any = {f"HTTP_{name.upper()}": value for name, value in headers.items() if name != "content_type"}
        kind = headers.get("content_type", "application/json")
        self.response = self.client.generic(method, f"/api/{path}", data or b"", content_type=kind, **named)  # type: ignore[arg-type]
        return read_exact(self.response)

    def get(self, path: str, **headers: str) -> Any:
        """The `data` of a read that must succeed."""
        answer = self.send("GET", path, **headers)
        assert self.response.status_code == 200, answer
        return answer["data"]

    def post(self, path: str, body: Any, status: int | None = None, **headers: str) -> Any:
        """The `data` of a write that must succeed."""
        answer = self.send("POST", path, body, **headers)
        assert self.response.status_code in ([status] if status else [200, 201]), answer
        return answer["data"]

    def refused(self, status: int, method: str, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
        """The `error` of a request that must be refused with this status."""
        answer = self.send(method, path, body, **headers)
        assert self.response.status_code == status, answer
        assert answer["success"] is False and set(answer) == {"success", "error"}
        error: dict[str, Any] = answer["error"]
        assert set(error) == {"code", "message", "fields", "request_id"} and error["message"]
        assert error["request_id"] == self.response["X-Request-Id"]
        return error


def read_exact(response: HttpResponse) -> Any:
    return json.loads(response.content, parse_float=Decimal) if response.content else None


@pytest.fixture(autouse=True)
def unthrottled(settings: Any) -> None:
    """Keys of different tests may have the same number, and so the same bucket."""
    settings.THROTTLE_READ = settings.THROTTLE_INGEST = (1e6, 10**7)


@pytest.fixture
def program(account: Account, make_key: Callable[..., str]) -> Callable[..., Caller]:
    """`program("ingest")` speaks with a key of these scopes."""

    def make(*scopes: str, of: Account | None = None, **options: Any) -> Caller:
        return Caller(with_key(make_key(of or account, scopes or ("read", "ingest", "write"), **options)))

    return make


def with_key(token: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


@pytest.fixture
def bot(program: Callable[..., Caller]) -> Caller:
    """A program that may do all a key can."""
    return program()


@pytest.fixture
def person() -> Callable[[User], Caller]:
    def make(user: User) -> Caller:
        client = APIClient()
        client.force_login(user)
        return Caller(client)

    return make


@pytest.fixture
def stored(account: Account) -> Callable[[], dict[str, int]]:
    """How many rows of each kind there are, and the head of the account's log."""

    def count() -> dict[str, int]:
        models = [*apps.get_app_config("dashboard").get_models(), *apps.get_app_config("realtime").get_models()]
        found = {model.__name__: model._default_manager.count() for model in models if model.__name__ not in UNCOUNTED}
        return found | {"head": position(account.stream_key).head}

    return count
