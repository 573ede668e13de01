"""Every route of the API, every method, every kind of caller; and the pages and the admin."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast
from urllib.parse import unquote

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone
from rest_framework.test import APIClient

from api.urls import urlpatterns
from dashboard.models import Account, Alert, Annotation, ApiKey, Membership, Strategy, Trade
from dashboard.services.audit import COMMAND
from dashboard.services.imports import import_begin, import_end
from dashboard.services.keys import key_create, key_revoke
from dashboard.services.members import invitation_create, member_set
from tests.api.conftest import Caller, with_key
from tests.api.persons import rows_of_person
from tests.api.samples import alert, annotation, candles, trade
from tests.conftest import PASSWORD
from tests.contracts.routes import ACTORS, INGEST, METHODS, OPERATE, QUERY, READ, ROUTES, expected, written

pytestmark = pytest.mark.django_db
SEEN = [str(pattern.pattern) for pattern in urlpatterns]


def test_every_route_is_in_the_table() -> None:
    assert sorted(SEEN) == sorted(ROUTES)


@pytest.fixture
def rows(account: Account, make_key: Callable[..., str]) -> dict[str, int]:
    """One row of each kind, by the name it has in the table."""
    writer = Caller(with_key(make_key(account)))
    writer.post("trades", trade(strategy="Trend"))
    writer.post("alerts", alert())
    writer.post("annotations", annotation())
    writer.post("market/BTC/USDT/ohlcv", candles())
    import_end(run := import_begin(account=account, kind="csv", files=["t.csv"]))
    guest, now = get_user_model().objects.create_user("guest"), timezone.now()
    return {
        "trade": Trade.objects.get().pk,
        "strategy": Strategy.objects.get().pk,
        "other": Strategy.objects.create(account=account, name="Other").pk,
        "alert": Alert.objects.get().pk,
        "annotation": Annotation.objects.get().pk,
        "import": run.pk,
        "key": ApiKey.objects.latest("pk").pk,
        "member": member_set(account=account, user=guest, role="operator", now=now).pk,
        "invitation": invitation_create(account=account, role="viewer", now=now, actor=COMMAND)[0].pk,
    }


@pytest.fixture
def actors(account: Account, other_account: Account) -> dict[str, APIClient]:
    def key(*scopes: str, of: Account = account, **options: Any) -> tuple[ApiKey, str]:
        return key_create(account=of, scopes=scopes, now=timezone.now(), **options)

    def person(name: str, of: Account | None, role: str = "owner") -> APIClient:
        user = get_user_model().objects.create_user(name, password=PASSWORD)
        if of is not None:
            Membership.objects.create(user=user, account=of, role=role)
        client = APIClient()
        client.force_login(user)
        return client

    revoked, revoked_token = key("read", "ingest", "write")
    key_revoke(revoked, now=timezone.now())
    return {
        "anonymous": APIClient(),
        "expired key": with_key(key("write", expires_at=timezone.now() - timedelta(seconds=1))[1]),
        "revoked key": with_key(revoked_token),
        "outsider": person("nobody", None),
        "owner of another account": person("foreign", other_account),
        "key of another account": with_key(key("read", "ingest", "write", of=other_account)[1]),
        "viewer": person("viewer", account, "viewer"),
        "operator": person("operator", account, "operator"),
        "owner": person("owner", account),
        "read key": with_key(key("read")[1]),
        "ingest key": with_key(key("ingest")[1]),
        "read+ingest key": with_key(key("read", "ingest")[1]),
        "write key": with_key(key("write")[1]),
    }


@pytest.fixture
def own(account: Account, actors: dict[str, APIClient]) -> dict[str, int]:
    """One row of each kind that belongs to a person, the actor `owner`."""
    return rows_of_person(get_user_model().objects.get(username="owner"), account)


@pytest.mark.parametrize("pattern", SEEN)
def test_api(
    actors: dict[str, APIClient],
    rows: dict[str, int],
    own: dict[str, int],
    stored: Callable[[], dict[str, int]],
    pattern: str,
) -> None:
    assert set(actors) == set(ACTORS)
    rows |= own
    found, wanted = {}, {}
    for method in METHODS:
        route, offer = ROUTES[pattern], ROUTES[pattern].methods.get(method)
        query = QUERY.get(pattern, {}).get(method, "").format(**rows)
        path = f"/api/{route.path.format(**rows)}?account=main&{query}".rstrip("&")
        body, kind = written(offer and offer.body)
        statuses = {actor: expected(actor, pattern, method) for actor in ACTORS}
        refused = [actor for actor in ACTORS if statuses[actor] >= 400]
        before = stored()
        for actor in refused:
            response = actors[actor].generic(method, path, cast(str, body), content_type=kind)
            found[actor, method], wanted[actor, method] = response.status_code, statuses[actor]
            assert method == "HEAD" or response.json()["success"] is False
        assert stored() == before
        for actor in set(ACTORS) - set(refused):
            with transaction.atomic():  # each begins with the same rows
                response = actors[actor].generic(method, path, cast(str, body), content_type=kind)
                transaction.set_rollback(True)
            assert response.status_code == statuses[actor], (actor, method, response.content)
            list(response)  # an export that nobody takes would count as running
    assert found == wanted


@pytest.mark.parametrize("pattern", [pattern for pattern in SEEN if "(?P<pk>" in pattern])
def test_rows_of_another_account_are_not_found_without_naming_it(
    actors: dict[str, APIClient], rows: dict[str, int], own: dict[str, int], pattern: str
) -> None:
    """A guessed number leads nowhere: every lookup starts at what the caller may see."""
    rows |= own
    for method, offer in ROUTES[pattern].methods.items():
        path = f"/api/{ROUTES[pattern].path.format(**rows)}"
        body, kind = written(offer.body)
        for actor in ("owner of another account", "key of another account"):
            response = actors[actor].generic(method, path, cast(str, body), content_type=kind)
            # What no key may do is refused before anything is looked for.
            people_only = "key" in actor and not {READ, INGEST, OPERATE} & set(offer.needs)
            assert response.status_code == (403 if people_only else 404)


def test_batches_and_filters_reach_no_other_account(actors: dict[str, APIClient], rows: dict[str, int]) -> None:
    foreign = Caller(actors["key of another account"])
    answer = foreign.post("alerts", [alert(trade_id="t-1"), alert(strategy="Trend")])
    assert [list(item["errors"]) for item in answer["items"]] == [["trade_id"], ["strategy"]]
    for path in ("trades?trade_id=t-1", "trades?strategy=Trend", "trades?search=t-1", "trades?cursor="):
        if path.endswith("cursor="):
            Caller(actors["owner"]).post("trades", trade(trade_id="t-2"))
            path += Caller(actors["owner"]).get("trades?limit=1")["next_cursor"]
        assert foreign.get(path)["trades"] == []
    assert foreign.post("trades", trade(size="5"), status=201)["item"]["size"] == 5
    assert Trade.objects.get(account__slug="main", trade_id="t-1").size == 2


PAGES = {
    "a/main/strategies": 200, "a/main/strategies/comparison.csv": 200, "a/main/strategies/<int:pk>": 200,
    "": 302, "a/main/": 200, "a/main/trades": 200, "a/main/portfolio": 200, "a/main/risk": 200, "a/main/market": 302,
    "a/main/alerts": 200, "a/main/activity": 200, "a/main/connect": 200, "a/main/settings": 200,
    "a/main/show/trade/<int:pk>": 200, "a/main/show/strategy/<int:pk>": 200, "a/main/show/annotation/<int:pk>": 200,
    "a/main/show/metric/<slug:name>": 200, "a/main/show/moment/<str:at>": 200, "a/main/show/asset/<path:symbol>": 200,
    "a/main/show/moment/<str:at>/<str:ids>": 200, "a/main/show/signal/<int:pk>/<slug:action>": 200,
    "a/main/show/comparison/<str:ids>": 200,
}  # fmt: skip
SAMPLES = {
    "<slug:name>": "sharpe_ratio",
    "<str:at>": "2026-01-01",
    "<path:symbol>": "BTC/USDT",
    "<slug:action>": "entry",
}


def test_every_page_is_in_the_table() -> None:
    routes = {
        str(pattern.pattern).replace("<slug:slug>", "main") for pattern in get_resolver("dashboard.urls").url_patterns
    }
    assert routes == set(PAGES) | {
        "accounts/new", "login", "login/second", "login/passkey", "login/passkey/options", "logout", "language",
        "sign-in/<str:token>", "invite/<str:token>", "reset/<str:token>",
        "service-worker.js", "manifest.webmanifest", "offline/<slug:language>", "go/<slug:page>",
    }  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_pages(path: str, viewer: User, stranger: User, rows: dict[str, int]) -> None:
    nobody, mine, foreign = Client(), Client(), Client()
    mine.force_login(viewer)
    foreign.force_login(stranger)
    kind = next((kind for kind in ("trade", "annotation") if kind in path), "trade" if "signal" in path else "strategy")
    status = PAGES[path]
    ids = f"{rows['strategy']},{rows['other']}" if "comparison" in path else str(rows["strategy"])
    for part, sample in {**SAMPLES, "<int:pk>": str(rows[kind]), "<str:ids>": ids}.items():
        path = path.replace(part, sample)
    response = nobody.get(f"/{path}")
    assert (response.status_code, unquote(response["Location"])) == (302, f"/login?next=/{path}")
    assert mine.get(f"/{path}").status_code == status
    assert foreign.get(f"/{path}").status_code == (404 if path else 200)
    assert mine.get(f"/{path}".replace("main", "nothing")).status_code == (404 if path else 302)


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_signing_out_is_a_form(viewer: User, method: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(viewer)
    assert client.get("/logout").status_code == 405
    assert getattr(client, method)("/logout").status_code in (403, 405)
    assert client.get("/a/main/").status_code == 200


def test_the_admin_is_for_staff(owner: User, rows: dict[str, int], admin_user: User) -> None:
    nobody, mine, staff = Client(), Client(), Client()
    mine.force_login(owner)
    staff.force_login(admin_user)
    prefix = f"/{settings.ADMIN_PATH}"
    paths = [prefix, *(f"{prefix}dashboard/{name}/" for name in ("trade", "account", "apikey", "alert", "strategy")),
             f"{prefix}realtime/event/"]  # fmt: skip
    for path in paths:
        assert nobody.get(path).status_code == mine.get(path).status_code == 302
        assert f"{prefix}login/" in mine.get(path)["Location"]
        assert staff.get(path).status_code == 200
    key = ApiKey.objects.get()
    page = staff.get(f"{prefix}dashboard/apikey/{key.pk}/change/").content.decode()
    assert key.prefix in page and key.hash not in page
    assert staff.post(f"{prefix}dashboard/trade/{rows['trade']}/delete/").status_code == 403
    assert staff.get(f"{prefix}realtime/event/add/").status_code == 403
