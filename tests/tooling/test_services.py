"""The throw-away servers: they work, and nothing of them stays."""

import os
from contextlib import AbstractContextManager

import psycopg
import pytest
import redis

from tools import services
from tools.programs import Missing


def or_skip(service: AbstractContextManager[str]) -> str:
    try:
        return service.__enter__()
    except Missing as missing:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(missing))


def test_throwaway_postgres_creates_databases_and_goes_away() -> None:
    service = services.throwaway_postgres()
    url = or_skip(service)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE something")
    service.__exit__(None, None, None)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url, connect_timeout=2)


def test_throwaway_redis_keeps_values_and_goes_away() -> None:
    service = services.throwaway_redis()
    url = or_skip(service)
    with redis.Redis.from_url(url) as client:
        client.set("name", "value")
        assert client.get("name") == b"value"
    service.__exit__(None, None, None)
    assert not services.answers(url)


def test_named_services_are_taken_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_DATABASE_URL", "postgres://somebody@elsewhere/db")
    monkeypatch.setenv("TEST_REDIS_URL", "redis://elsewhere")
    with services.postgres() as database_url, services.redis() as redis_url:
        assert (database_url, redis_url) == ("postgres://somebody@elsewhere/db", "redis://elsewhere")


def test_a_service_that_is_nowhere_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(Missing, match="TEST_REDIS_URL"), services.throwaway_redis():
        pass
