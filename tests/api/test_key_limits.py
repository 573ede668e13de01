"""Where a key may be used from, and what happens to one that was sent in an address."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.auth.models import User
from django.test import Client

from botv2.gate import AccessGate
from dashboard.models import Account, ApiKey, AuditEntry, SecurityNotice
from realtime.gate import Refused
from tests.api.conftest import Caller, with_key

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("networks", "address", "status"),
    [
        ([], "203.0.113.7", 200),
        (["203.0.113.7"], "203.0.113.7", 200),
        (["203.0.113.7"], "203.0.113.8", 403),
        (["10.0.0.0/8", "2001:db8::/32"], "2001:db8::9", 200),
        (["10.0.0.0/8"], "::ffff:10.1.2.3", 200),
        (["10.0.0.0/8"], "2001:db8::9", 403),
        (["10.0.0.0/8"], "", 403),
    ],
)
def test_a_key_may_be_bound_to_addresses(
    account: Account, make_key: Callable[..., str], networks: list[str], address: str, status: int
) -> None:
    token = make_key(account, ["read"], networks=networks)
    answer = with_key(token).get("/api/trades", REMOTE_ADDR=address)
    assert answer.status_code == status
    headers = [(b"authorization", f"Bearer {token}".encode()), (b"host", b"testserver")]
    scope = {"type": "websocket", "path": "/ws/v1", "query_string": b"", "client": (address, 1), "headers": headers}
    if status == 200:
        assert AccessGate().enter(scope).id.startswith("key:")
    else:
        with pytest.raises(Refused):
            AccessGate().enter(scope)


def test_addresses_are_given_and_shown(owner: User, account: Account, person: Callable[[User], Caller]) -> None:
    hand, body = (
        person(owner),
        {"name": "k", "scopes": ["read"], "networks": ["10.1.2.3", "10.0.0.0/8", "2001:DB8::/32"]},
    )
    made = hand.post("keys", body)
    assert made["networks"] == ["10.1.2.3", "10.0.0.0/8", "2001:db8::/32"]
    assert hand.get("keys")["keys"][0]["networks"] == made["networks"]


@pytest.mark.parametrize("networks", ["10.0.0.1", ["x"], ["10.0.0.1/8"], ["10.0.0.0/33"], [1], ["10.0.0.1"] * 21, [""]])
def test_what_is_no_network_is_named(owner: User, person: Callable[[User], Caller], networks: Any) -> None:
    error = person(owner).refused(400, "POST", "keys", {"name": "k", "scopes": ["read"], "networks": networks})
    assert list(error["fields"]) == ["networks"] and not ApiKey.objects.exists()


@pytest.mark.parametrize(
    "path", ["/api/trades?key={}", "/?key={}", "/{}", "/api/market/{}", "/a/main/?x=1&y=a{}b", "/login?next=/{}"]
)
def test_a_key_in_an_address_is_refused_and_its_owners_are_told_once(
    account: Account, owner: User, viewer: User, make_key: Callable[..., str], path: str
) -> None:
    token = make_key(account, ["read"], name="Grafana")
    for text in (token, quote(token).replace("_", "%5F")):
        answer = Client().get(path.format(text))
        assert answer.status_code == 400 and token not in answer.content.decode()
    told = SecurityNotice.objects.get()
    assert (told.user, told.kind) == (owner, "key_exposed") and "Grafana" in told.about
    noted = AuditEntry.objects.get(action="key.expose")
    assert token not in json.dumps([noted.target, noted.after])


def test_a_key_in_the_address_of_a_socket_is_refused_and_told(
    account: Account, owner: User, make_key: Callable[..., str]
) -> None:
    query = f"key={make_key(account, ['read'])}".encode()
    scope = {"type": "websocket", "path": "/ws/v1", "query_string": query, "headers": [(b"host", b"testserver")]}
    with pytest.raises(Refused):
        AccessGate().enter({**scope, "client": ("203.0.113.7", 1)})
    assert SecurityNotice.objects.get().kind == "key_exposed"


def test_what_only_looks_like_a_key_tells_nobody(account: Account, owner: User, make_key: Callable[..., str]) -> None:
    token = make_key(account, ["read"])
    made_up = token[:20] + "A" * (len(token) - 27) + token[-7:]
    assert Client().get(f"/?key={made_up}").status_code == 400
    assert not SecurityNotice.objects.exists()
