"""Every route of the API with what each of its methods needs: the one table that permissions are tested from."""

import json
from dataclasses import dataclass, field
from typing import Any

from tests.api.samples import alert, annotation, candles, flow, portfolio, trade
from tests.conftest import PASSWORD

READ, INGEST, OPERATE, OWN, BELONG = "read", "ingest", "operate", "own", "belong"
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


@dataclass(frozen=True)
class Offer:
    """What a method needs (any of `needs` suffices), what is sent and the status of success."""

    needs: tuple[str, ...]
    body: Any = None
    status: int = 200


def written(body: Any) -> tuple[str | bytes, str]:
    """A body as it is sent, and its type: a file as it is, all else as JSON."""
    if isinstance(body, bytes):
        return body, "application/octet-stream"
    return "" if body is None else json.dumps(body), "application/json"


@dataclass(frozen=True)
class Route:
    """`path` is a sample address; {trade}, {strategy} and the like stand for numbers of rows of the account."""

    path: str
    methods: dict[str, Offer] = field(default_factory=dict)


def read(path: str, **more: Offer) -> Route:
    return Route(path, {"GET": Offer((READ,)), "HEAD": Offer((READ,)), **more})


def report(body: Any, status: int = 201) -> Offer:
    return Offer((INGEST,), body, status)


OWNERS = {"GET": Offer((OWN,)), "HEAD": Offer((OWN,))}
PEOPLE = {"GET": Offer((BELONG,)), "HEAD": Offer((BELONG,))}
KEPT = {"PATCH": Offer((BELONG,), {"name": "n"}), "DELETE": Offer((BELONG,), status=204)}
FILE = b"trade_id,symbol,direction,size,status\nf-1,X,long,1,pending\n"
PK = r"(?P<pk>[0-9]{1,15})"
ROUTES = {
    "accounts": read("accounts", POST=Offer((BELONG,), {"slug": "new"}, 201)),
    "accounts/<slug:slug>": Route(
        "accounts/main",
        {"PATCH": Offer((OWN,), {"exchange": "n"}), "DELETE": Offer((OWN,), {"name": "Main"}, 204)},
    ),
    "me": read("me"),
    "session/confirm": Route("session/confirm", {"POST": Offer((BELONG,), {"password": PASSWORD})}),
    "me/preferences": Route("me/preferences", {**PEOPLE, "PATCH": Offer((BELONG,), {"theme": "dark"})}),
    # What needs an earlier step, a better password or an address with a name is refused alike to all who may ask.
    "me/password": Route(
        "me/password", {"POST": Offer((BELONG,), {"old_password": PASSWORD, "new_password": "short"}, 400)}
    ),
    "me/sessions": Route("me/sessions", {**PEOPLE, "DELETE": Offer((BELONG,))}),
    rf"^me/sessions/{PK}\Z": Route("me/sessions/{session}", {"DELETE": Offer((BELONG,), status=204)}),
    "me/notices": Route("me/notices", PEOPLE),
    "me/notices/dismiss": Route("me/notices/dismiss", {"POST": Offer((BELONG,))}),
    rf"^me/notices/{PK}/dismiss\Z": Route("me/notices/{notice}/dismiss", {"POST": Offer((BELONG,))}),
    "me/factors": Route("me/factors", PEOPLE),
    "me/authenticators": Route("me/authenticators", {"POST": Offer((BELONG,), {"name": "a", "code": "000000"}, 400)}),
    "me/authenticators/begin": Route("me/authenticators/begin", {"POST": Offer((BELONG,))}),
    rf"^me/authenticators/{PK}\Z": Route("me/authenticators/{authenticator}", KEPT),
    "me/passkeys": Route("me/passkeys", {"POST": Offer((BELONG,), {"name": "a", "credential": {}}, 400)}),
    "me/passkeys/begin": Route("me/passkeys/begin", {"POST": Offer((BELONG,), status=400)}),
    rf"^me/passkeys/{PK}\Z": Route("me/passkeys/{passkey}", KEPT),
    "me/recovery-codes": Route("me/recovery-codes", {"POST": Offer((BELONG,), status=201)}),
    "me/device": Route("me/device", {**PEOPLE, "PATCH": Offer((BELONG,), {"own": True})}),
    # Without a key to sign with, as in tests, no browser can be pushed to.
    "me/pushes": Route(
        "me/pushes",
        {**PEOPLE, "POST": Offer((BELONG,), {"endpoint": "e", "p256dh": "p", "auth": "a", "severity": "info"}, 400)},
    ),
    rf"^me/pushes/{PK}\Z": Route(
        "me/pushes/{push}", {"PATCH": Offer((BELONG,), {"severity": "error"}), "DELETE": Offer((BELONG,), status=204)}
    ),
    rf"^me/pushes/{PK}/test\Z": Route("me/pushes/{push}/test", {"POST": Offer((BELONG,))}),
    "presets": Route(
        "presets",
        {**PEOPLE, "POST": Offer((BELONG,), {"page": "trades", "name": "n", "filters": {"status": "open"}}, 201)},
    ),
    rf"^presets/{PK}\Z": Route("presets/{preset}", KEPT),
    "keys": Route("keys", {**OWNERS, "POST": Offer((OWN,), {"name": "k", "scopes": ["read"]}, 201)}),
    rf"^keys/{PK}\Z": Route("keys/{key}", {"DELETE": Offer((OWN,), status=204)}),
    "members": Route("members", {"GET": Offer((BELONG,)), "HEAD": Offer((BELONG,))}),
    rf"^members/{PK}\Z": Route(
        "members/{member}", {"PATCH": Offer((OWN,), {"role": "viewer"}), "DELETE": Offer((OWN,), status=204)}
    ),
    rf"^members/{PK}/password-link\Z": Route("members/{member}/password-link", {"POST": Offer((OWN,), status=201)}),
    "invitations": Route("invitations", {**OWNERS, "POST": Offer((OWN,), {"role": "viewer"}, 201)}),
    rf"^invitations/{PK}\Z": Route("invitations/{invitation}", {"DELETE": Offer((OWN,), status=204)}),
    "audit": Route("audit", OWNERS),
    "snapshot": read("snapshot"),
    "portfolio": read("portfolio", POST=report(portfolio())),
    "portfolio/history": read("portfolio/history"),
    "portfolio/equity": read("portfolio/equity"),
    "cashflows": Route("cashflows", {"POST": Offer((INGEST, OPERATE), flow(), 201)}),
    "trades": read("trades", POST=report(trade(trade_id="new"))),
    "trades/recent": read("trades/recent"),
    "trades/stats": read("trades/stats"),
    rf"^trades/{PK}\Z": read(
        "trades/{trade}", PATCH=Offer((OPERATE,), {"notes": "n"}), DELETE=Offer((OWN,), status=204)
    ),
    "strategies": read("strategies", POST=report({"name": "new"})),
    rf"^strategies/{PK}\Z": read("strategies/{strategy}", PATCH=Offer((OPERATE,), {"enabled": False})),
    "strategies/comparison": read("strategies/comparison"),
    rf"^strategies/{PK}/performance\Z": read("strategies/{strategy}/performance"),
    "risk/metrics": read("risk/metrics"),
    "risk/correlation": read("risk/correlation"),
    **{
        f"analytics/{name}": read(f"analytics/{name}")
        for name in (
            "returns equity rolling monthly drawdowns distribution montecarlo waterfall sankey hours mae-mfe signals "
            "allocation moment asset risk-return"
        ).split()
    },
    "market": read("market"),
    r"^market/(?P<symbol>.{1,300}?)/ohlcv\Z": read("market/BTC/USDT/ohlcv", POST=report(candles(), 200)),
    r"^market/(?P<symbol>.{1,300})\Z": read("market/BTC/USDT"),
    "alerts": read("alerts", POST=report(alert())),
    "alerts/history": read("alerts/history"),
    rf"^alerts/{PK}/acknowledge\Z": Route("alerts/{alert}/acknowledge", {"POST": Offer((OPERATE,))}),
    rf"^alerts/{PK}/resolve\Z": Route("alerts/{alert}/resolve", {"POST": Offer((OPERATE,))}),
    "annotations": Route("annotations", {"POST": Offer((OPERATE,), annotation(text="new"), 201)}),
    "annotations/import": Route("annotations/import", {"POST": Offer((OPERATE,), [annotation()])}),
    r"^annotations/(?P<key>[A-Za-z0-9._:-]{1,100})\Z": read(
        "annotations/{annotation}", PATCH=Offer((OPERATE,), {"text": "t"}), DELETE=Offer((OPERATE,), status=204)
    ),
    **{f"export/{name}": read(f"export/{name}") for name in ("trades", "portfolio", "performance", "annotations")},
    "imports": read("imports", POST=Offer((OWN,), FILE, 201)),
    "imports/preview": Route("imports/preview", {"POST": Offer((OWN,), FILE)}),
    rf"^imports/{PK}\Z": read("imports/{import}"),
    rf"^imports/{PK}/undo\Z": Route("imports/{import}/undo", {"POST": Offer((OWN,))}),
    "heartbeat": Route("heartbeat", {"POST": report({"bot": "new", "state": "running"})}),
    "events": read("events"),
    "schema": read("schema"),
    "docs": read("docs"),
}
QUERY = {
    pattern: {"GET": query, "HEAD": query}
    for pattern, query in (
        (r"^market/(?P<symbol>.{1,300}?)/ohlcv\Z", "timeframe=1h"),
        ("strategies/comparison", "ids={strategy}"),
        ("analytics/signals", "symbol=BTC/USDT"),
        ("analytics/moment", "at=2026-01-01T12:00:00Z"),
        ("analytics/asset", "symbol=BTC/USDT"),
    )
} | {pattern: {"POST": "kind=trades"} for pattern in ("imports", "imports/preview")}

# What is about the person who asks, in whatever account: never another's.
OF_PEOPLE = {"session/confirm", *(pattern for pattern in ROUTES if pattern.lstrip("^").startswith("me/"))}
OF_NO_ACCOUNT = {"accounts", "me"} | OF_PEOPLE
# Rows that belong to one person, in the samples the owner.
OF_ONE = {rf"^{name}/{PK}\Z" for name in ("me/sessions", "me/authenticators", "me/passkeys", "me/pushes", "presets")}
OF_ONE.add(rf"^me/pushes/{PK}/test\Z")
OF_ONE.add(rf"^me/notices/{PK}/dismiss\Z")
# What the API says of itself is for whoever may ask anything at all.
FOR_ALL = {"schema", "docs"}

# Who asks: the status of a stranger, or what the key or role allows in the account.
ACTORS: dict[str, int | set[str]] = {
    "anonymous": 401,
    "expired key": 401,
    "revoked key": 401,
    "outsider": 404,
    "owner of another account": 404,
    "key of another account": 404,
    "viewer": {BELONG, READ},
    "operator": {BELONG, READ, INGEST, OPERATE},
    "owner": {BELONG, READ, INGEST, OPERATE, OWN},
    "read key": {READ},
    "ingest key": {INGEST},
    "read+ingest key": {READ, INGEST},
    "write key": {READ, INGEST, OPERATE},
}


def expected(actor: str, pattern: str, method: str) -> int:
    """The status that this actor gets, for the account `main`."""
    access, offer = ACTORS[actor], ROUTES[pattern].methods.get(method)
    if access == 401:
        return 401
    if offer is None:
        return 405
    if pattern in FOR_ALL:
        return offer.status
    if pattern in OF_NO_ACCOUNT and "key" in actor and offer.needs == (BELONG,):
        return 403
    if pattern in OF_ONE and actor != "owner" and "key" not in actor:
        return 404
    if pattern == "me/recovery-codes" and actor != "owner":
        return 400  # there is no second factor that they could stand for
    if pattern in OF_NO_ACCOUNT and "key" not in actor:
        return offer.status
    if isinstance(access, int):
        return access
    return offer.status if access & set(offer.needs) else 403
