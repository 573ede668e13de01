"""Who gets in, what they may watch, and how fast lost access closes a socket."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from botv2.gate import AccessGate
from dashboard.models import Account, ApiKey, Membership
from dashboard.services.audit import COMMAND
from dashboard.services.keys import key_revoke
from dashboard.services.removal import account_remove
from dashboard.services.sessions import sessions_end
from realtime.gate import Principal
from realtime.hub import Hub
from realtime.protocol import MAX_SOCKETS, Close
from tests.api.persons import enrol
from tests.realtime.conftest import Client, Connect, Writer, bearer

pytestmark = pytest.mark.django_db(transaction=True)

Cookie = list[tuple[bytes, bytes]]
MakeKey = Callable[..., str]
SITE = settings.SITE_ORIGINS[0]


def with_origin(cookie: Cookie, origin: str | None) -> Cookie:
    headers = [(name, value) for name, value in cookie if name != b"origin"]
    return headers if origin is None else [(b"origin", origin.encode()), *headers]


async def test_every_origin_of_the_site(connect: Connect, cookie: Cookie) -> None:
    for origin in settings.SITE_ORIGINS:
        await (await connect(with_origin(cookie, origin))).get("welcome")


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "",
        "null",
        "https://evil.example",
        SITE.replace("http:", "https:"),
        SITE.rpartition(":")[0],
        SITE.rpartition(":")[0] + ":1",
        SITE + ".evil.example",
        SITE + "/",
        SITE.upper().replace("HTTP", "ftp"),
        f"{SITE}, https://evil.example",
    ],
)
async def test_cookie_from_elsewhere(connect: Connect, cookie: Cookie, origin: str | None) -> None:
    client = await connect(with_origin(cookie, origin))
    await client.closed(Close.FORBIDDEN)


async def test_nobody(connect: Connect) -> None:
    for headers in ([], [(b"origin", SITE.encode())], [(b"origin", SITE.encode()), (b"cookie", b"session=made-up")]):
        bye = await (await connect(headers)).closed(Close.UNAUTHENTICATED)
        assert bye["retry_after"] is None


async def test_key_watches_its_account(connect: Connect, account: Account, make_key: MakeKey, writer: Writer) -> None:
    for scopes in (["read"], ["write"], ["read", "ingest"]):
        token = await database_sync_to_async(make_key)(account, scopes)
        client = await connect(bearer(token))
        await client.get("welcome")
        await client.hello({"account": "main", "epoch": await writer.epoch(), "since": 0})
        await client.get("live")
    key = await database_sync_to_async(ApiKey.objects.first)()
    assert key is not None and key.last_used_at is not None


async def test_key_that_may_only_write(connect: Connect, account: Account, make_key: MakeKey) -> None:
    token = await database_sync_to_async(make_key)(account, ["ingest"])
    await (await connect(bearer(token))).closed(Close.FORBIDDEN)


async def test_bad_authorization(connect: Connect, account: Account, make_key: MakeKey, cookie: Cookie) -> None:
    token = await database_sync_to_async(make_key)(account, ["read"])
    expired = await database_sync_to_async(make_key)(account, ["read"], expires_at=timezone.now() - timedelta(1))
    values = ["", "Bearer", "Bearer x", token, f"Basic {token}", f"Bearer {token}x", f"Bearer {token} {token}"]
    for value in [*values, f"Bearer {expired}"]:
        client = await connect([(b"authorization", value.encode()), *cookie])
        await client.closed(Close.UNAUTHENTICATED)
    twice = await connect([*bearer(token), *bearer(token)])
    await twice.closed(Close.UNAUTHENTICATED)
    await (await connect([(b"authorization", f"bearer {token}".encode())])).get("welcome")


async def test_plain_socket_on_an_https_site(connect: Connect, account: Account, make_key: MakeKey, settings) -> None:
    token = await database_sync_to_async(make_key)(account, ["read"])
    settings.SITE_SECURE = True
    await (await connect(bearer(token))).closed(Close.FORBIDDEN)
    proxied = [*bearer(token), (b"x-forwarded-proto", b"https")]
    await (await connect(proxied)).closed(Close.FORBIDDEN)


@pytest.mark.parametrize("slug", ["other", "no-such-account", "MAIN", "ma\u0456n", "\ud800"])
async def test_account_of_somebody_else(
    connect: Connect, cookie: Cookie, other_account: Account, writer: Writer, slug: str
) -> None:
    client = await connect(cookie)
    await client.get("welcome")
    await client.hello({"account": "main", "epoch": await writer.epoch(), "since": 0}, {"account": slug})
    await client.closed(Close.FORBIDDEN)


async def test_account_of_another_key(
    connect: Connect, account: Account, other_account: Account, make_key: MakeKey
) -> None:
    client = await connect(bearer(await database_sync_to_async(make_key)(account, ["read"])))
    await client.get("welcome")
    await client.hello({"account": "other"})
    await client.closed(Close.FORBIDDEN)


def sign_out(browser: Browser) -> None:
    browser.logout()


def end_session(browser: Browser) -> None:
    """From another device of the person."""
    user = User.objects.get()
    sessions_end(user=user, but=None, actor=COMMAND, now=timezone.now())


def add_second_factor(browser: Browser) -> None:
    enrol(User.objects.get())


def expire(browser: Browser) -> None:
    Session.objects.update(expire_date=timezone.now())


def new_password(browser: Browser) -> None:
    user = User.objects.get()
    user.set_password("another long password")
    user.save()


def deactivate(browser: Browser) -> None:
    User.objects.update(is_active=False)


def delete_user(browser: Browser) -> None:
    User.objects.all().delete()


def remove_member(browser: Browser) -> None:
    Membership.objects.all().delete()


def rename_account(browser: Browser) -> None:
    Account.objects.update(slug="renamed")


def remove_account(browser: Browser) -> None:
    account_remove(account=Account.objects.get(), name="Main", now=timezone.now(), actor=COMMAND)


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (sign_out, Close.EXPIRED),
        (end_session, Close.EXPIRED),
        (add_second_factor, Close.EXPIRED),
        (expire, Close.EXPIRED),
        (new_password, Close.EXPIRED),
        (deactivate, Close.EXPIRED),
        (delete_user, Close.EXPIRED),
        (remove_member, Close.FORBIDDEN),
        (rename_account, Close.FORBIDDEN),
        (remove_account, Close.FORBIDDEN),
    ],
)
async def test_person_who_loses_access(
    live: Callable[[], Awaitable[Client]], browser: Browser, act: Callable[[Browser], None], code: int
) -> None:
    client = await live()
    await database_sync_to_async(act)(browser)
    await client.closed(code)


async def test_member_removed_from_the_other_account(
    live: Callable[[], Awaitable[Client]], viewer: User, other_account: Account, writer: Writer
) -> None:
    """What a socket does not watch does not close it."""
    await database_sync_to_async(other_account.memberships.create)(user=viewer, role="viewer")
    client = await live()
    await database_sync_to_async(other_account.memberships.all().delete)()
    await asyncio.sleep(0.5)
    await writer.write()
    await client.events(1)


async def test_account_given_up_before_access_to_it_was_lost(
    live: Callable[[], Awaitable[Client]], writer: Writer
) -> None:
    client = await live()
    await client.hello({"account": "main", "off": True})
    await asyncio.sleep(0.1)
    await database_sync_to_async(Membership.objects.all().delete)()
    assert await client.quiet(0.6)


def revoke() -> None:
    key_revoke(ApiKey.objects.get(), now=timezone.now())


def expire_key() -> None:
    ApiKey.objects.update(expires_at=timezone.now())


def delete_key() -> None:
    ApiKey.objects.all().delete()


def narrow_key() -> None:
    ApiKey.objects.update(scopes=["ingest"])


@pytest.mark.parametrize("act", [revoke, expire_key, delete_key, narrow_key])
async def test_key_that_loses_access(
    connect: Connect, account: Account, make_key: MakeKey, act: Callable[[], None]
) -> None:
    client = await connect(bearer(await database_sync_to_async(make_key)(account, ["read"])))
    await client.get("welcome")
    await client.hello()
    await database_sync_to_async(act)()
    await client.closed(Close.FORBIDDEN)


async def test_lost_access_closes_within_five_seconds(
    connect: Connect, account: Account, make_key: MakeKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the times of the product."""
    monkeypatch.setattr(Hub, "sweep_every", 2.0)
    client = await connect(bearer(await database_sync_to_async(make_key)(account, ["read"])))
    await client.hello()
    await database_sync_to_async(revoke)()
    start = time.monotonic()
    await client.closed(Close.FORBIDDEN)
    assert time.monotonic() - start < 5


async def closes_within_five_seconds(client: Client, owner: User, path: str) -> None:
    """With the times of the product, after an owner has done this over the API."""
    boss = Browser()
    await database_sync_to_async(boss.force_login)(owner)
    answer = await database_sync_to_async(boss.delete)(path)
    assert answer.status_code == 204
    start = time.monotonic()
    await client.closed(Close.FORBIDDEN)
    assert time.monotonic() - start < 5


async def test_a_key_revoked_over_the_api_closes_its_sockets(
    connect: Connect, account: Account, owner: User, make_key: MakeKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Hub, "sweep_every", 2.0)
    client = await connect(bearer(await database_sync_to_async(make_key)(account, ["read"])))
    await client.hello()
    key = await database_sync_to_async(ApiKey.objects.get)()
    await closes_within_five_seconds(client, owner, f"/api/keys/{key.pk}")


async def test_a_member_removed_over_the_api_loses_the_sockets(
    live: Callable[[], Awaitable[Client]], viewer: User, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Hub, "sweep_every", 2.0)
    client = await live()
    membership = await database_sync_to_async(Membership.objects.get)(user=viewer)
    await closes_within_five_seconds(client, owner, f"/api/members/{membership.pk}")


async def test_twenty_sockets_a_user(connect: Connect, cookie: Cookie, account: Account, make_key: MakeKey) -> None:
    clients = [await connect(cookie) for _ in range(MAX_SOCKETS)]
    await (await connect(cookie)).closed(Close.TOO_MANY)
    key = bearer(await database_sync_to_async(make_key)(account, ["read"]))
    await (await connect(key)).get("welcome")
    await clients[0].wire.disconnect()
    await (await connect(cookie)).get("welcome")


@pytest.mark.parametrize("many", [1, 40])
def test_sweep_takes_the_same_queries_for_any_number(account: Account, make_key: MakeKey, many: int) -> None:
    principals: list[Principal] = []
    for number in range(many):
        user = User.objects.create_user(f"user{number}", password="x")
        Membership.objects.create(user=user, account=account, role="viewer")
        browser = Browser()
        browser.force_login(user)
        principals.append(Principal(f"session:{browser.session.session_key}", f"user:{user.pk}"))
        make_key(account, ["read"])
    principals += [Principal(f"key:{pk}", f"key:{pk}") for pk in ApiKey.objects.values_list("pk", flat=True)]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        access = AccessGate().access(principals)
    assert all(access[principal.id] == {"main": account.stream_key} for principal in principals)
    assert len(queries) == 4
