"""Every route of the API with what each of its methods needs: the one table that permissions are tested from."""

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
PK = r"(?P<pk>[0-9]{1,15})"
ROUTES = {
    "accounts": read("accounts"),
    "accounts/<slug:slug>": Route("accounts/main", {"PATCH": Offer((OWN,), {"name": "n"})}),
    "me": read("me"),
    "session/confirm": Route("session/confirm", {"POST": Offer((BELONG,), {"password": PASSWORD})}),
    "keys": Route("keys", {**OWNERS, "POST": Offer((OWN,), {"name": "k", "scopes": ["read"]}, 201)}),
    rf"^keys/{PK}\Z": Route("keys/{key}", {"DELETE": Offer((OWN,), status=204)}),
    "members": Route("members", {"GET": Offer((BELONG,)), "HEAD": Offer((BELONG,))}),
    rf"^members/{PK}\Z": Route(
        "members/{member}", {"PATCH": Offer((OWN,), {"role": "viewer"}), "DELETE": Offer((OWN,), status=204)}
    ),
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
            "allocation risk-return"
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
    "imports": read("imports"),
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
    )
}

# What is about the person who asks, in whatever account: never another's.
OF_NO_ACCOUNT = {"accounts", "me", "session/confirm"}
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
    if pattern in OF_NO_ACCOUNT and "key" not in actor:
        return offer.status
    if isinstance(access, int):
        return 403 if pattern == "session/confirm" else access
    return offer.status if access & set(offer.needs) else 403
