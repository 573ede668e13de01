"""Every chart with next to nothing to draw, with parameters that are refused, and asked for again."""

from typing import Any

import pytest
import time_machine

from api.analytics import CHARTS
from dashboard.models import Account, Strategy
from dashboard.rollups.follow import rollups_follow
from tests.api.conftest import Caller
from tests.api.samples import closed, flow, portfolio, trade
from tests.api.series import day, post_closes, post_results, post_values

pytestmark = pytest.mark.django_db
QUERIES = {"signals": "symbol=BTC/USDT", "asset": "symbol=BTC/USDT", "moment": f"at={day(2)}"}
WHOLE = ("allocation", "asset", "signals")  # what knows no parts
PATHS = [f"analytics/{name}?{QUERIES.get(name, '')}" for name in CHARTS]
WIDE = [
    "risk/metrics?benchmark=SPX&risk_free=0.02&minimum=0.01",
    "risk/correlation?by=symbol",
    "risk/correlation?period=weekly",
    "analytics/returns?benchmark=SPX&period=weekly",
    "analytics/returns?period=monthly",
    "analytics/equity?benchmark=SPX&sma=2",
    "analytics/rolling?benchmark=SPX&window=2",
    "analytics/drawdowns?points=10&count=0",
    *(f"analytics/distribution?group_by={name}" for name in ("strategy", "year", "month", "weekday")),
    "analytics/distribution?period=weekly&bins=1",
    "analytics/montecarlo?paths=10&horizon=1&block=365",
    "analytics/sankey?measure=trades",
    "analytics/hours?by=entry&timezone=America/New_York",
    "analytics/allocation?group_by=strategy",
]
PARTS = [
    f"{path}&{part}"
    for path in PATHS
    if not any(name in path for name in WHOLE)
    for part in ("strategy=Trend", "symbol=BTC/USDT", "strategy=nobody", f"start={day(1)}", f"end={day(1)}")
]
ALMOST = [
    "snapshot",
    "portfolio/equity",
    "trades/stats?group_by=month",
    "risk/metrics",
    "risk/metrics?strategy=Trend&symbol=BTC/USDT",
    "risk/correlation",
    *PATHS,
    *WIDE,
    *PARTS,
]

HUGE, SMALL = "9" * 18, "0.000000000000000001"


def swings(moments: list[str]) -> list[tuple[str, Any]]:
    """From nothing to everything and back, taking it out each time."""
    values = [portfolio(timestamp=at, total_value=HUGE if n % 2 else SMALL) for n, at in enumerate(moments)]
    taken = [
        flow(flow_id=f"f{n}", timestamp=at, amount=f"-{HUGE}", kind="withdrawal") for n, at in enumerate(moments[1::2])
    ]
    return [("portfolio", values), ("cashflows", taken)]


def traded(capital: Any, results: list[Any], **changes: Any) -> list[tuple[str, Any]]:
    """One trade a day on a capital."""
    strategy: dict[str, Any] = {"name": "Trend", "allocated_capital": capital}
    trades = [
        closed(trade_id=f"t{n}", strategy="Trend", net_pnl=str(result), exit_time=day(n, 12), **changes)
        for n, result in enumerate(results)
    ]
    return [("strategies", strategy), ("trades", trades)]


OLD = "1970-01-01T00:00:00Z"
STATES: dict[str, list[tuple[str, Any]]] = {
    "nothing": [],
    "one snapshot": [("portfolio", portfolio())],
    "snapshots a microsecond apart": [
        ("portfolio", [portfolio(), portfolio(timestamp="2026-01-02T10:00:00.000001Z", total_value="5")]),
    ],
    "worthless": [("portfolio", [portfolio(total_value="0"), portfolio(timestamp=day(3), total_value="-5")])],
    "never changed": [("portfolio", [portfolio(timestamp=day(number)) for number in range(30)])],
    "from nothing to everything": swings([day(n) for n in range(40)]),
    "all of it within two days": swings([day(1 + n // 40, n % 40 / 2) for n in range(80)]),
    "a snapshot in 1970": [("portfolio", [portfolio(timestamp=OLD), portfolio()])],
    "one trade": [("trades", closed(strategy="Trend"))],
    "one trade without duration": [("trades", closed(strategy="Trend", exit_time="2026-01-01T10:00:00Z"))],
    "only open trades": [("trades", trade(strategy="Trend", net_pnl="5"))],
    "only pending trades": [("trades", trade(strategy="Trend", status="pending", entry_price=None, entry_time=None))],
    "all breakeven": traded(100, [0, 0, 0]),
    "huge results": traded(SMALL, [HUGE] * 3, size=HUGE, entry_price=SMALL, exit_price=SMALL),
    "tiny results": traded(HUGE, [SMALL] * 30),
    "a trade since 1970": [
        *traded(5, [1], entry_time=OLD),
        ("trades", closed(trade_id="u", strategy="Trend", entry_time=OLD, exit_time=OLD)),
    ],
    "a lost capital": traded(5, [-5, -1, 20]),
}


@pytest.mark.parametrize("state", STATES)
def test_next_to_nothing_is_drawn_as_such(bot: Caller, account: Account, state: str) -> None:
    post_closes(bot, [100, 101, 99], symbol="SPX")
    for path, body in STATES[state]:
        bot.post(path, body)
    if "1970" not in state:  # a row for each of 20,000 days takes its time
        rollups_follow(account)
    numbers = list(Strategy.objects.values_list("pk", flat=True))
    own = [f"strategies/comparison?ids={pk}" for pk in numbers] + [f"strategies/{pk}/performance" for pk in numbers]
    for path in [*ALMOST, *own]:
        answer = bot.send("GET", path)
        assert bot.response.status_code == 200, (path, answer)
        assert b"NaN" not in bot.response.content and b"Infinity" not in bot.response.content, path


@pytest.mark.parametrize("path", [*PATHS, *WIDE])
def test_what_has_not_changed_is_not_made_again(bot: Caller, path: str) -> None:
    post_values(bot, [100, 101, 99])
    post_closes(bot, [100, 101, 99], symbol="SPX")
    with time_machine.travel(day(5), tick=False):
        bot.get(path)
        etag = bot.response["ETag"]
        bot.send("GET", path, if_none_match=etag)
        assert bot.response.status_code == 304 and bot.response.content == b""
        bot.post("trades", closed())
        bot.send("GET", path, if_none_match=etag)
        assert bot.response.status_code == 200


def test_one_accounts_charts_are_not_anothers(bot: Caller, program: Any, other_account: Account) -> None:
    stranger = program(of=other_account)
    empty = {path: stranger.get(path) for path in PATHS}
    post_values(bot, [100, 101, 99])
    post_results(bot, [1, 2, 3])
    bot.post("trades", trade(trade_id="open"))
    assert {path: stranger.get(path) for path in PATHS} == empty
    mine = {path: bot.get(path) for path in PATHS}
    assert not [path for path in PATHS if mine[path] == empty[path]]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("returns?period=hourly", "period"),
        ("returns?limit=0", "limit"),
        ("returns?limit=5001", "limit"),
        ("returns?exchange=kraken", "exchange"),
        ("returns?benchmark=nothing", "benchmark"),
        ("returns?start=yesterday", "start"),
        ("returns?direction=long", "direction"),
        ("equity?sma=1", "sma"),
        ("equity?sma=1001", "sma"),
        ("equity?points=10", "points"),
        ("rolling?window=1", "window"),
        ("rolling?risk_free=11", "risk_free"),
        ("rolling?benchmark=nothing", "benchmark"),
        ("monthly?limit=1", "limit"),
        ("drawdowns?points=9", "points"),
        ("drawdowns?count=101", "count"),
        ("distribution?bins=101", "bins"),
        ("distribution?group_by=symbol", "group_by"),
        ("distribution?period=monthly", "period"),
        ("montecarlo?paths=5001", "paths"),
        ("montecarlo?horizon=0", "horizon"),
        ("montecarlo?seed=-1", "seed"),
        ("montecarlo?block=0", "block"),
        ("waterfall?start=2026-01-02T00:00:00Z&end=2026-01-01T00:00:00Z", "end"),
        ("waterfall?strategy=%00", "strategy"),
        ("sankey?measure=size", "measure"),
        ("sankey?min_pnl=x", "min_pnl"),
        ("hours?timezone=Mars/Olympus", "timezone"),
        ("hours?timezone=../etc/passwd", "timezone"),
        ("hours?timezone=Europe", "timezone"),
        ("hours?by=middle", "by"),
        ("mae-mfe?limit=5001", "limit"),
        ("mae-mfe?status=done", "status"),
        ("signals?symbol=a&limit=1001", "limit"),
        ("allocation?group_by=size", "group_by"),
        ("allocation?limit=501", "limit"),
        ("allocation?start=2026-01-01T00:00:00Z", "start"),
        ("risk-return?limit=201", "limit"),
        ("risk-return?colour=red", "colour"),
    ],
)
def test_bad_parameters_are_named(bot: Caller, query: str, field: str) -> None:
    assert list(bot.refused(400, "GET", f"analytics/{query}")["fields"]) == [field]
