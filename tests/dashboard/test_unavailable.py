"""A database that does not answer: pages say so and when to come again, as the API does."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.db import OperationalError, connection
from django.test import AsyncClient, Client

from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def locked(owner: User) -> Iterator[None]:
    """Another process writes and does not come to an end."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor, closing(sqlite3.connect(name, isolation_level=None)) as other:
            cursor.execute("PRAGMA busy_timeout = 50")
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")
            cursor.execute("PRAGMA busy_timeout = 10000")
        return
    values = connection.get_connection_params()
    where = {name: values[name] for name in ("dbname", "user", "password", "host", "port") if values.get(name)}
    with connection.cursor() as cursor, psycopg.connect(**where) as other:
        cursor.execute("SET lock_timeout = '50ms'")
        other.execute("LOCK TABLE django_session, dashboard_auditentry, realtime_stream IN ACCESS EXCLUSIVE MODE")
        yield
        other.rollback()
        cursor.execute("RESET lock_timeout")


def told(response: Any) -> str:
    assert (response.status_code, response["Retry-After"]) == (503, "1")
    text: str = response.content.decode()
    assert "Busy for a moment" in text and response["X-Request-Id"] in text
    return text


def test_signing_in_while_nothing_can_be_written(locked: None) -> None:
    client = Client(raise_request_exception=False)
    told(client.post("/login", {"username": "owner", "password": PASSWORD}))


def test_an_answer_of_the_api_that_never_reached_a_view(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(owner)
    monkeypatch.setattr(SessionStore, "load", fail)
    response = client.get("/api/me")
    assert (response.status_code, response["Retry-After"]) == (503, "1")
    assert response.json()["error"]["code"] == "unavailable"


async def test_a_page_as_it_is_served(monkeypatch: pytest.MonkeyPatch) -> None:
    client = AsyncClient(raise_request_exception=False)
    client.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
    monkeypatch.setattr(SessionStore, "load", fail)
    assert "10.0.0.1" not in told(await client.get("/a/main/"))
    monkeypatch.setattr(SessionStore, "load", broken)
    assert (await client.get("/a/main/")).status_code == 500


def fail(*args: Any) -> None:
    raise OperationalError("could not connect to 10.0.0.1")


def broken(*args: Any) -> None:
    raise RuntimeError("no database in sight")
