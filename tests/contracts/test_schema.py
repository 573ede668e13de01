"""The OpenAPI document is whole, is the one checked in, and every real answer is as it says."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from django.contrib.auth.models import User
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.validation import validate_schema
from jsonschema import Draft202012Validator
from rest_framework.test import APIClient

from api.fields import Input
from api.params import Params
from api.urls import urlpatterns
from botv2.env import ROOT
from dashboard.models import Account, Alert, Annotation, ApiKey, ImportRun, Invitation, Membership, Strategy, Trade
from dashboard.rollups.follow import rollups_follow
from dashboard.services.audit import COMMAND
from dashboard.services.imports import import_begin, import_end, import_note
from dashboard.services.members import invitation_create
from tests.api.conftest import Caller
from tests.api.persons import rows_of_person
from tests.api.samples import alert, annotation, candles, closed, flow, portfolio, position, trade
from tests.contracts.routes import QUERY, ROUTES, written

DOCUMENT = SchemaGenerator().get_schema(public=True)
FILE = ROOT / "docs" / "openapi.yaml"
SHARED = {"account"}
MORE_READS = [
    ("trades/stats", "group_by=tag"),
    ("trades/recent", "hours=8784"),
    ("risk/metrics", "benchmark=BTC/USDT"),
    ("risk/correlation", "by=symbol"),
    ("analytics/returns", "benchmark=BTC/USDT&period=weekly"),
    ("analytics/equity", "benchmark=BTC/USDT&sma=2"),
    ("analytics/rolling", "benchmark=BTC/USDT&window=2"),
    ("analytics/distribution", "group_by=strategy"),
    ("analytics/waterfall", "strategy=Trend"),
    ("analytics/sankey", "measure=trades"),
    (r"^market/(?P<symbol>.{1,300}?)/ohlcv\Z", "timeframe=4h"),
    *((f"export/{name}", "format=json") for name in ("trades", "portfolio", "performance", "annotations")),
]
LISTS = {
    "trades": [closed(trade_id="l-1"), {"trade_id": 1}],
    "portfolio": [portfolio(timestamp="2026-01-09T00:00:00Z"), 1],
    "cashflows": [flow(flow_id="l-1"), flow(flow_id="")],
    "strategies": [{"name": "listed"}, {"name": None}],
    "alerts": [alert(title="listed"), {}],
    "annotations": [annotation(text="listed"), annotation(chart_id="/")],
    "annotations/import": {"annotations": [annotation(text="brought"), []]},
}


def address(pattern: str) -> str:
    """The path of the document that a route has."""
    plain = re.sub(r"\(\?P<(\w+)>.*\)|<\w+:(\w+)>", lambda found: f"{{{found[1] or found[2]}}}", pattern)
    return "/api/" + plain.removeprefix("^").removesuffix(r"\Z").replace("{pk}", "{id}")


def faults(shape: dict[str, Any], value: Any) -> list[str]:
    found = Draft202012Validator({**shape, "components": DOCUMENT["components"]}).iter_errors(value)
    return [f"{error.json_path}: {error.message[-300:]}" for error in found]


def referred(part: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in part:
        return part
    *_, kind, name = part["$ref"].split("/")
    return DOCUMENT["components"][kind][name]


def check(operation: dict[str, Any], response: Any) -> None:
    """The answer has a documented status, and its body and headers are as is said of that status."""
    said = referred(operation["responses"][str(response.status_code)])
    assert set(said.get("headers", {})) == {name for name in ("ETag", "Retry-After") if response.has_header(name)}
    content = said.get("content", {})
    kind = response.get("Content-Type", "").partition(";")[0]
    assert (kind in content) or not (content or response.content), kind
    if kind == "application/json":
        body = b"".join(response.streaming_content) if response.streaming else response.content
        assert faults(content[kind]["schema"], json.loads(body)) == []


@pytest.fixture
def rows(account: Account, bot: Caller, owner: User, viewer: User) -> dict[str, int]:
    """Rows in which everything that may be unknown is known once and unknown once."""
    full = {
        "strategy": "Trend", "bot": "alpha", "asset_class": "crypto", "leverage": "2", "stop_loss": "90", "fees": "1",
        "take_profit": "120", "slippage": "0.1", "funding": "0.2", "highest_price": "112", "lowest_price": "98",
        "exit_reason": "roi", "signal_type": "ai", "tags": ["x"], "extra": {"a": [1.5]}, "realized_pnl": "3",
    }  # fmt: skip
    fill = {"fill_id": "f", "side": "buy", "price": "1", "size": "2", "time": "2026-01-01T10:00:00Z"}
    bot.post("trades", closed(**full, fills=[fill, {**fill, "fill_id": "g", "fee": "0.5"}]))
    bot.post("trades", [closed(trade_id="t-2", symbol="ETH/USDT", pnl="-3"), trade(trade_id="t-3")])
    bot.post("trades", trade(trade_id="t-4", status="pending", entry_price=None, entry_time=None))
    for day in range(1, 7):
        more = {"bot": "alpha", "positions": [position(), position(strategy="Trend", leverage="3")]} if day > 2 else {}
        bot.post("portfolio", portfolio(timestamp=f"2026-01-0{day}T11:00:00Z", total_value=1000 + day**2, **more))
    bot.post("cashflows", flow(flow_id="f-2"))
    bot.post("strategies", {"name": "Trend", "allocated_capital": "500", "parameters": {"fast": 12}})
    bot.post("alerts", [alert(), alert(title="t", strategy="Trend", trade_id="t-1", dedupe_key="k", data={"a": 1})])
    bot.post("annotations", annotation())
    hours = [[f"2026-01-01T{hour:02}:00:00Z", 1, 2, 0.5, 1.5, 10] for hour in range(24)]
    bot.post("market/BTC/USDT/ohlcv", candles(*hours))
    days = [[f"2026-01-{day:02}T00:00:00Z", 1, 2, 0.5, 1 + day / 10, 10] for day in range(1, 9)]
    bot.post("market/BTC/USDT/ohlcv", candles(*days, timeframe="1d"))
    bot.post("heartbeat", {"bot": "alpha", "state": "running", "version": "1", "lag_ms": 3})
    rollups_follow(account)
    run = import_begin(account=account, kind="csv", files=["t.csv"])
    file = {"file": "t.csv", "created": 1, "rejected": [["2", "no size"]], "error": None}
    import_note(run, datetime.now(UTC), [file])
    import_end(run)
    invitation_create(account=account, role="viewer", now=datetime.now(UTC), actor=COMMAND)
    return {
        "trade": Trade.objects.get(trade_id="t-1").pk,
        "strategy": Strategy.objects.get(name="Trend").pk,
        "alert": Alert.objects.earliest("pk").pk,
        "annotation": Annotation.objects.get().pk,
        "import": ImportRun.objects.get().pk,
        "key": ApiKey.objects.latest("pk").pk,
        "member": Membership.objects.get(user=viewer).pk,
        "invitation": Invitation.objects.get().pk,
    }


@pytest.fixture
def own(owner: User, account: Account, mine: APIClient) -> dict[str, int]:
    return rows_of_person(owner, account)


@pytest.fixture
def mine(owner: User) -> APIClient:
    client = APIClient()
    client.force_login(owner)
    return client


def send(client: APIClient, method: str, pattern: str, rows: dict[str, int], query: str = "", body: Any = None) -> Any:
    path = f"/api/{ROUTES[pattern].path}?account=main&{query}".rstrip("&").format(**rows)
    data, kind = written(body)
    return client.generic(method, path, cast(str, data), content_type=kind)


def test_it_is_a_valid_document() -> None:
    validate_schema(DOCUMENT)
    assert DOCUMENT["openapi"].startswith("3.1.")


def test_it_is_the_one_that_is_checked_in() -> None:
    """`make schema` writes it."""
    assert FILE.read_bytes() == OpenApiYamlRenderer().render(DOCUMENT, renderer_context={})


def test_every_route_is_in_it() -> None:
    routes = {
        (address(str(route.pattern)), method)
        for route in urlpatterns
        for method in getattr(route.callback, "actions", {})
        if method != "head"
    }
    assert {(path, method) for path, methods in DOCUMENT["paths"].items() for method in methods} == routes


def test_operations_are_told_apart() -> None:
    operations = [operation for methods in DOCUMENT["paths"].values() for operation in methods.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names)
    for operation in operations:
        assert operation["summary"] and operation["description"] and operation["tags"], operation["operationId"]
        for parameter in operation["parameters"]:
            assert parameter["in"] == "path" or parameter["description"], (operation["operationId"], parameter["name"])


@pytest.mark.django_db
@pytest.mark.parametrize("pattern", ROUTES)
def test_answers_and_inputs_are_as_described(
    mine: APIClient, rows: dict[str, int], own: dict[str, int], pattern: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows |= own
    parameters: set[str] = set()
    readers: set[str] = set()
    read_params, read_input = Params.read, Input.read

    def note_params(self: Params, query: Any, filters: Any = None) -> Any:
        parameters.update(self.fields, filters.declared_filters if filters else ())
        return read_params(self, query, filters)

    def note_input(self: Input, data: Any) -> Any:
        readers.add(type(self).__name__)
        return read_input(self, data)

    monkeypatch.setattr(Params, "read", note_params)
    monkeypatch.setattr(Input, "read", note_input)
    for method, offer in ROUTES[pattern].methods.items():
        if method == "HEAD":
            continue
        parameters.clear()
        readers.clear()
        operation = DOCUMENT["paths"][address(pattern)][method.lower()]
        query = QUERY.get(pattern, {}).get(method, "")
        response = send(mine, method, pattern, rows, query, offer.body)
        assert response.status_code == offer.status, response.content
        check(operation, response)
        said = {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "query"}
        assert said - SHARED == parameters
        _, kind = written(offer.body)
        body = operation.get("requestBody", {}).get("content", {}).get(kind, {}).get("schema")
        assert (body is None) == (offer.body is None)
        if body is not None and not isinstance(offer.body, bytes):
            assert faults(body, offer.body) == []
            assert any(f"/{name}" in json.dumps(body) for name in readers), readers


@pytest.mark.django_db
def test_other_answers_are_as_described(mine: APIClient, rows: dict[str, int]) -> None:
    for pattern, query in MORE_READS:
        response = send(mine, "GET", pattern, rows, query)
        assert response.status_code == 200, (pattern, response.content)
        check(DOCUMENT["paths"][address(pattern)]["get"], response)
    for pattern, body in LISTS.items():
        response = send(mine, "POST", pattern, rows, "", body)
        assert response.status_code == 200, (pattern, response.content)
        check(DOCUMENT["paths"][address(pattern)]["post"], response)


@pytest.mark.django_db
def test_answers_of_an_empty_account_are_as_described(mine: APIClient, account: Account) -> None:
    """What is not defined yet is null and stays in the shape."""
    for path, methods in DOCUMENT["paths"].items():
        if "get" in methods and "{" not in path:
            query = {"strategies_comparison": "ids=1", "analytics_signals": "symbol=x"}
            response = mine.get(f"{path}?{query.get(methods['get']['operationId'], '')}")
            check(methods["get"], response)


@pytest.mark.django_db
def test_refusals_are_as_described(
    mine: APIClient, rows: dict[str, int], own: dict[str, int], make_key: Callable[..., str]
) -> None:
    rows |= own
    for pattern, route in ROUTES.items():
        for method in set(route.methods) - {"HEAD"}:
            operation = DOCUMENT["paths"][address(pattern)][method.lower()]
            for client, query in ((APIClient(), ""), (mine, "unknown=1"), (mine, "account=nothing")):
                response = send(client, method, pattern, rows, query)
                if response.status_code >= 400:
                    check(operation, response)
