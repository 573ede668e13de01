"""When sessions end by themselves: twelve hours after their last use, thirty days after the sign-in."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.utils import timezone
from rest_framework.test import APIClient

from botv2.gate import signed_in
from dashboard.models import Account
from tests.api.persons import sign_in
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def holds(client: APIClient) -> bool:
    """Whether the session does, for pages and for sockets."""
    key = client.cookies["session"].value
    for_sockets = key in signed_in([key])
    for_pages = client.get("/api/me").status_code == 200
    assert for_sockets == for_pages
    return for_pages


def test_it_ends_after_twelve_hours_without_use(owner: User, account: Account) -> None:
    with time_machine.travel(timezone.now()) as clock:
        client = sign_in(owner)
        for _ in range(3):
            clock.shift(timedelta(hours=11, minutes=59))
            assert holds(client)
        clock.shift(timedelta(hours=12, minutes=1))
        assert not holds(client)


def test_it_ends_thirty_days_after_the_sign_in_however_it_is_used(owner: User, account: Account) -> None:
    with time_machine.travel(timezone.now()) as clock:
        client = sign_in(owner)
        for _ in range(30 * 24 // 8 - 1):
            clock.shift(timedelta(hours=8))
            assert holds(client)
        client.post("/api/session/confirm", {"password": PASSWORD}, format="json")  # what is saved does not prolong it
        clock.shift(timedelta(hours=8, minutes=1))
        assert not holds(client)


def test_a_new_password_does_not_prolong_it(owner: User, account: Account) -> None:
    with time_machine.travel(timezone.now()) as clock:
        client, begun = sign_in(owner), timezone.now()
        for _ in range(80):
            clock.shift(timedelta(hours=8))
            assert client.get("/api/me").status_code == 200
        body = {"old_password": PASSWORD, "new_password": "another long enough secret"}
        assert client.post("/api/me/password", body, format="json").status_code == 204
        clock.shift(timedelta(hours=8))
        assert holds(client)
        assert Session.objects.get().expire_date <= begun + timedelta(days=30)
