"""The Settings page: everybody sees what the role allows, and keys only behind a recent password."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dashboard.models import Account, ApiKey, Membership
from dashboard.services.audit import COMMAND
from dashboard.services.keys import key_create
from dashboard.services.members import invitation_create

pytestmark = pytest.mark.django_db


@pytest.fixture
def key(account: Account) -> ApiKey:
    return key_create(account=account, scopes=["read", "ingest"], now=timezone.now(), name="Grafana")[0]


@pytest.fixture
def page(client: Client) -> Callable[[User], str]:
    def get(user: User) -> str:
        client.force_login(user)
        answer = client.get("/a/main/settings")
        assert answer.status_code == 200 and "no-store" in answer["Cache-Control"]
        return answer.content.decode()

    return get


def test_an_owner_sees_keys_members_and_the_form(page: Callable[[User], str], owner: User, key: ApiKey) -> None:
    text = page(owner)
    assert "Grafana" in text and key.prefix in text and "ingest, read" in text and key.hash not in text
    assert "data-account-form" in text and "New key" in text and "Invite" in text


def test_keys_are_not_printed_without_a_recent_password(client: Client, owner: User, key: ApiKey) -> None:
    client.force_login(owner)
    session = client.session
    session["confirmed_at"] = 0
    session.save()
    text = client.get("/a/main/settings").content.decode()
    assert "Grafana" not in text and key.prefix not in text and "Show the keys" in text


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_others_see_members_and_facts_alone(page: Callable[[User], str], request: Any, role: str, key: ApiKey) -> None:
    text = page(request.getfixturevalue(role))
    assert key.prefix not in text and "Grafana" not in text
    assert "data-account-form" not in text and "Invite" not in text and "data-leave" in text


def test_names_are_text(page: Callable[[User], str], owner: User, account: Account) -> None:
    evil = "<script>alert(1)</script>"
    key_create(account=account, scopes=["read"], now=timezone.now(), name=evil)
    Account.objects.update(name=evil, exchange=evil)
    text = page(owner)
    assert evil not in text and "&lt;script&gt;alert(1)" in text


def test_it_costs_the_same_for_any_number_of_rows(client: Client, owner: User, account: Account) -> None:
    def fill(first: int, last: int) -> None:
        for number in range(first, last):
            key_create(account=account, scopes=["read"], now=timezone.now())
            invitation_create(account=account, role="viewer", now=timezone.now(), actor=COMMAND)
            user = get_user_model().objects.create_user(f"u{number}")
            Membership.objects.create(account=account, user=user, role="viewer")

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/a/main/settings").status_code == 200
        return len(captured)

    client.force_login(owner)
    fill(0, 2)
    client.get("/a/main/settings")
    few = cost()
    fill(2, 20)
    assert cost() == few


def test_a_key_says_where_it_was_used_and_when_it_ends(page: Callable[[User], str], owner: User, key: ApiKey) -> None:
    now = timezone.now()
    assert "A key expires within 14 days" not in visible(page(owner))
    ApiKey.objects.update(
        expires_at=now + timedelta(days=13), last_used_at=now, last_used_ip="203.0.113.7", networks=["10.0.0.0/8"]
    )
    text = visible(page(owner))
    assert "A key expires within 14 days" in text and "203.0.113.7" in text and "10.0.0.0/8" in text
    ApiKey.objects.update(expires_at=now - timedelta(days=1))
    text = visible(page(owner))
    assert "Expired" in text and "A key expires within 14 days" not in text


def visible(text: str) -> str:
    """The page without templates of rows and without what is hidden."""
    text = re.sub(r"<template>.*?</template>", "", text, flags=re.DOTALL)
    return re.sub(r"<(p|span)\b[^>]* hidden>.*?</\1>", "", text, flags=re.DOTALL)


def test_only_an_owner_is_offered_the_removal(page: Callable[[User], str], owner: User, operator: User) -> None:
    assert 'data-open="removal"' in page(owner) and 'data-open="removal"' not in page(operator)
    Account.objects.update(kind="demo")
    assert "Remove the demo" in page(owner)


def test_it_lists_ones_own_accounts(page: Callable[[User], str], owner: User, other_account: Account) -> None:
    assert "/a/other/settings" not in page(owner)
    Membership.objects.create(user=owner, account=other_account, role="viewer")
    assert "/a/other/settings" in page(owner)


def test_anybody_who_is_signed_in_is_offered_a_new_account(client: Client, stranger: User, viewer: User) -> None:
    assert client.get("/accounts/new")["Location"] == "/login?next=/accounts/new"
    client.force_login(stranger)
    for path in ("/", "/accounts/new"):
        text = client.get(path).content.decode()
        assert "Your first account" in text and "data-new-account" in text and "Sign out" in text
    client.force_login(viewer)
    assert "New account" in client.get("/accounts/new").content.decode()
