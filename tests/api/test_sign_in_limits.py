"""How often passwords may be tried, that nobody is shut out for good, and that no answer tells who exists."""

import time
from statistics import median
from typing import Any

import pytest
import time_machine
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from dashboard.buckets import Buckets
from dashboard.models import Account
from tests.api.persons import sign_in
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def few(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.AXES_FAILURE_LIMIT = 3
    monkeypatch.setattr("dashboard.sign_in_limits.buckets", Buckets())


def attempt(client: Client, name: str = "owner", password: str = "wrong") -> int:
    return client.post("/login", {"username": name, "password": password}).status_code


def browser(address: str, agent: str = "x") -> Client:
    return Client(REMOTE_ADDR=address, HTTP_USER_AGENT=agent)


def test_an_address_is_paused_whatever_names_it_tries(owner: User) -> None:
    client = browser("203.0.113.7")
    assert [attempt(client, f"name-{number}") for number in range(3)] == [200, 200, 429]
    assert attempt(client, "owner", PASSWORD) == 429
    assert attempt(browser("203.0.113.8"), "owner", PASSWORD) == 302


def test_a_name_is_paused_from_whatever_addresses_it_is_tried(owner: User, viewer: User) -> None:
    assert [attempt(browser(f"203.0.113.{number}", str(number))) for number in range(3)] == [200, 200, 429]
    assert attempt(browser("203.0.113.99"), "owner", PASSWORD) == 429
    assert attempt(browser("203.0.113.99"), "viewer", PASSWORD) == 302


def test_trying_on_does_not_prolong_the_pause(owner: User) -> None:
    client = browser("203.0.113.7")
    begun = timezone.now()
    for _ in range(3):
        attempt(client)
    with time_machine.travel(begun) as clock:
        clock.shift(50 * 60)
        assert attempt(client) == 429
        clock.shift(11 * 60)
        assert attempt(client, password=PASSWORD) == 302


def test_a_known_browser_signs_in_while_others_try(owner: User) -> None:
    mine = sign_in(owner)
    mine.post("/logout")
    for number in range(4):
        attempt(browser(f"203.0.113.{number}", str(number)))
    assert attempt(browser("203.0.113.99"), "owner", PASSWORD) == 429
    assert [attempt(mine), attempt(mine)] == [200, 200]
    assert attempt(mine, password=PASSWORD) == 302


def test_a_known_browser_is_paused_for_its_own_tries(owner: User) -> None:
    mine = sign_in(owner)
    mine.post("/logout")
    assert [attempt(mine) for _ in range(3)] == [200, 200, 429]


def test_everybody_together_is_slowed_down_and_told_how_long(
    owner: User, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = sign_in(owner)
    mine.post("/logout")
    monkeypatch.setattr("dashboard.sign_in_limits.EVERYBODY", (0.001, 2))
    statuses = [attempt(browser(f"203.0.113.{number}"), f"name-{number}") for number in range(3)]
    assert statuses == [200, 200, 429]
    answer = browser("203.0.113.9").post("/login", {"username": "owner", "password": PASSWORD})
    assert answer.status_code == 429 and int(answer["Retry-After"]) > 1
    assert "Too many sign-ins at once" in answer.content.decode()
    assert attempt(mine, password=PASSWORD) == 302


def test_odd_names_are_wrong_and_nothing_else(owner: User) -> None:
    for number, name in enumerate(("", "\0", "x" * 500, "ow\0ner", "{}")):
        assert attempt(browser(f"203.0.113.{number}"), name) == 200


def test_known_and_unknown_names_get_the_same_answer(owner: User) -> None:
    def words(name: str) -> str:
        text = (
            browser(f"203.0.113.{len(name)}").post("/login", {"username": name, "password": "wrong"}).content.decode()
        )
        return text.split("<form")[0].split("<h1>")[1]

    assert words("owner") == words("nobody-here")


def counting(real: Any, calls: list[str]) -> Any:
    def call(self: Any, *args: Any) -> Any:
        calls.append(real.__name__)
        return real(self, *args)

    return call


def test_known_and_unknown_names_take_the_same_time(
    owner: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hash is what takes time: it is worked out as often. The rest is measured, as CPU time of one process."""
    settings.AXES_FAILURE_LIMIT = 1000
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    owner.set_password(PASSWORD)
    owner.save()
    hashed: list[str] = []
    for name in ("encode", "verify"):
        monkeypatch.setattr(Argon2PasswordHasher, name, counting(getattr(Argon2PasswordHasher, name), hashed))
    client = browser("203.0.113.7")

    def spent(name: str) -> float:
        begun = time.process_time()
        attempt(client, name)
        return time.process_time() - begun

    work = []
    for name in ("owner", "nobody"):
        hashed.clear()
        spent(name)
        work.append(len(hashed))
    assert work == [1, 1]
    for _ in range(4):  # a busy machine may disturb one round
        pairs = [(spent("owner"), spent("nobody")) for _ in range(9)]
        known, unknown = median(pair[0] for pair in pairs), median(pair[1] for pair in pairs)
        if abs(known - unknown) <= 0.1 * max(known, unknown):
            return
    pytest.fail(f"a known name takes {known:.4f} s, an unknown one {unknown:.4f} s")
