"""Every route of the API with what each of its methods needs: the one table that permissions are tested from."""

from dataclasses import dataclass, field
from typing import Any

from tests.api.samples import alert, candles, flow, portfolio, trade

READ, INGEST, OPERATE = "read", "ingest", "operate"
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


@dataclass(frozen=True)
class Offer:
    """What a method needs (any of `needs` suffices), what is sent and the status of success."""

    needs: tuple[str, ...]
    body: Any = None
    status: int = 200


@dataclass(frozen=True)
class Route:
    """`path` is a sample address; {trade}, {strategy} and {alert} stand for numbers of rows of the account."""

    path: str
    methods: dict[str, Offer] = field(default_factory=dict)


def read(path: str, **more: Offer) -> Route:
    return Route(path, {"GET": Offer((READ,)), "HEAD": Offer((READ,)), **more})


def report(body: Any, status: int = 201) -> Offer:
    return Offer((INGEST,), body, status)


PK = r"(?P<pk>[0-9]{1,15})"
ROUTES = {
    "accounts": read("accounts"),
    "snapshot": read("snapshot"),
    "portfolio": read("portfolio", POST=report(portfolio())),
    "portfolio/history": read("portfolio/history"),
    "portfolio/equity": read("portfolio/equity"),
    "cashflows": Route("cashflows", {"POST": Offer((INGEST, OPERATE), flow(), 201)}),
    "trades": read("trades", POST=report(trade(trade_id="new"))),
    "trades/recent": read("trades/recent"),
    "trades/stats": read("trades/stats"),
    rf"^trades/{PK}\Z": read("trades/{trade}", PATCH=Offer((OPERATE,), {"notes": "n"})),
    "strategies": read("strategies", POST=report({"name": "new"})),
    rf"^strategies/{PK}\Z": read("strategies/{strategy}", PATCH=Offer((OPERATE,), {"enabled": False})),
    "market": read("market"),
    r"^market/(?P<symbol>.{1,300}?)/ohlcv\Z": read("market/BTC/USDT/ohlcv", POST=report(candles(), 200)),
    r"^market/(?P<symbol>.{1,300})\Z": read("market/BTC/USDT"),
    "alerts": read("alerts", POST=report(alert())),
    rf"^alerts/{PK}/acknowledge\Z": Route("alerts/{alert}/acknowledge", {"POST": Offer((OPERATE,))}),
    rf"^alerts/{PK}/resolve\Z": Route("alerts/{alert}/resolve", {"POST": Offer((OPERATE,))}),
    "heartbeat": Route("heartbeat", {"POST": report({"bot": "new", "state": "running"})}),
    "events": read("events"),
}
QUERY = {r"^market/(?P<symbol>.{1,300}?)/ohlcv\Z": {"GET": "timeframe=1h", "HEAD": "timeframe=1h"}}

# Who asks: the status of a stranger, or what the key or role allows in the account.
ACTORS: dict[str, int | set[str]] = {
    "anonymous": 401,
    "expired key": 401,
    "revoked key": 401,
    "outsider": 404,
    "owner of another account": 404,
    "key of another account": 404,
    "viewer": {READ},
    "operator": {READ, INGEST, OPERATE},
    "owner": {READ, INGEST, OPERATE},
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
    if isinstance(access, int):
        # A person's list of accounts is never another's: it is empty, or their own.
        return 200 if pattern == "accounts" and "key" not in actor else access
    return offer.status if access & set(offer.needs) else 403
