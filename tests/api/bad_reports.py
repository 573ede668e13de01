"""Bad snapshots, cash flows, strategies, alerts, heartbeats and candles."""

from tests.api.bad_inputs import AHEAD, LONG, Bad
from tests.api.samples import alert, candles, flow, portfolio, position, trade


def reports() -> list[Bad]:
    return [
        Bad(f"{path}: {name}", "POST", path, body, 400, names)
        for path, name, body, names in [
            ("portfolio", "nothing", {}, ["timestamp", "total_value"]),
            ("portfolio", "a float text", portfolio(total_value="1e3"), ["total_value"]),
            ("portfolio", "positions as an object", portfolio(positions={}), ["positions"]),
            ("portfolio", "a position of nothing", portfolio(positions=[position(size=0)]), ["positions.0.size"]),
            (
                "portfolio",
                "an unknown name in a position",
                portfolio(positions=[position(), position(x=1)]),
                ["positions.1.x"],
            ),
            ("portfolio", "501 positions", portfolio(positions=[position()] * 501), ["positions"]),
            ("portfolio", "a bot with NUL", portfolio(bot="a\x00"), ["bot"]),
            ("portfolio", "the future", portfolio(timestamp=AHEAD), ["timestamp"]),
            ("cashflows", "nothing moved", flow(amount="0"), ["amount"]),
            ("cashflows", "a negative deposit", flow(amount="-1"), ["amount"]),
            ("cashflows", "an unknown kind", flow(kind="gift"), ["kind"]),
            ("cashflows", "a long note", flow(note="x" * 1001), ["note"]),
            ("cashflows", "an id with a slash", flow(flow_id="a/b"), ["flow_id"]),
            ("strategies", "no name", {}, ["name"]),
            ("strategies", "a long name", {"name": LONG}, ["name"]),
            ("strategies", "parameters as text", {"name": "T", "parameters": "x"}, ["parameters"]),
            ("strategies", "a limit of nothing", {"name": "T", "max_drawdown": 0}, ["max_drawdown"]),
            ("strategies", "enabled by a bot", {"name": "T", "enabled": True}, ["enabled"]),
            ("alerts", "no title", {"type": "risk", "severity": "info"}, ["title"]),
            ("alerts", "a long title", alert(title="x" * 256), ["title"]),
            ("alerts", "a long message", alert(message="x" * 10_001), ["message"]),
            ("alerts", "an unknown trade", alert(trade_id="no"), ["trade_id"]),
            ("alerts", "status given", alert(status="resolved"), ["status"]),
            ("alerts", "data as a list", alert(data=[]), ["data"]),
            (
                "alerts",
                "data with a surrogate",
                b'{"type":"risk","severity":"info","title":"x","data":{"a":"\\ud800"}}',
                ["data"],
            ),
            ("heartbeat", "nothing", {}, ["bot", "state"]),
            ("heartbeat", "an unknown state", {"bot": "a", "state": "unknown"}, ["state"]),
            ("heartbeat", "a list", [{"bot": "a", "state": "running"}], ["body"]),
            ("heartbeat", "a lag beyond the column", {"bot": "a", "state": "running", "lag_ms": 2**31}, ["lag_ms"]),
            (
                "heartbeat",
                "a negative count",
                {"bot": "a", "state": "running", "open_positions": -1},
                ["open_positions"],
            ),
            ("heartbeat", "a long message", {"bot": "a", "state": "running", "message": "x" * 1001}, ["message"]),
            ("heartbeat?atomic=true", "a parameter", {"bot": "a", "state": "running"}, ["atomic"]),
            ("trades?atomic=yes", "an unknown word", trade(), ["atomic"]),
            ("trades?dry_run=true", "an unknown parameter", trade(), ["dry_run"]),
            ("market/X/ohlcv", "no candles", {"timeframe": "1h", "candles": []}, ["candles"]),
            ("market/X/ohlcv", "an unknown timeframe", candles(timeframe="7m"), ["timeframe"]),
            (
                "market/X/ohlcv",
                "1,001 candles",
                candles(*[["2026-01-01T00:00:00Z", 1, 1, 1, 1, 1]] * 1001),
                ["candles"],
            ),
            ("market/X/ohlcv", "five numbers", candles(["2026-01-01T00:00:00Z", 1, 1, 1, 1]), ["candles.0"]),
            ("market/X/ohlcv", "an object", {"timeframe": "1h", "candles": [{"open": 1}]}, ["candles.0"]),
            (
                "market/X/ohlcv",
                "high below close",
                candles(["2026-01-01T00:00:00Z", 1, 1, 1, 2, 1]),
                ["candles.0.high"],
            ),
            ("market/X/ohlcv", "low above open", candles(["2026-01-01T00:00:00Z", 1, 2, 2, 2, 1]), ["candles.0.low"]),
            (
                "market/X/ohlcv",
                "negative volume",
                candles(["2026-01-01T00:00:00Z", 1, 1, 1, 1, -1]),
                ["candles.0.volume"],
            ),
            (
                "market/X/ohlcv",
                "a price of nothing",
                candles(["2026-01-01T00:00:00Z", 0, 1, 0, 1, 1]),
                ["candles.0.low", "candles.0.open"],
            ),
            ("market/X/ohlcv", "an unknown exchange", candles(exchange="a b"), ["exchange"]),
            ("market/X/ohlcv", "a list", [candles()], ["body"]),
            ("market/../ohlcv", "a dot symbol", candles(), ["symbol"]),
            ("market/a%00b/ohlcv", "NUL in the symbol", candles(), ["symbol"]),
            ("market/%C3%A9/ohlcv", "an odd symbol", candles(), ["symbol"]),
            (f"market/{LONG}/ohlcv", "a long symbol", candles(), ["symbol"]),
        ]
    ]
