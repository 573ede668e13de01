"""Small charts drawn on the server: geometry only, as SVG attributes. Widths are in percent of the room there is,
heights in pixels, so that one drawing fits every screen without a script."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

DAILY_HEIGHT = 92
WATERFALL_HEIGHT = 192
MOST_BARS = 10


class Bar(NamedTuple):
    """A rectangle as SVG wants it, and whether it is money won, lost or neither."""

    x: str
    y: str
    width: str
    height: str
    sign: str
    value: Any = None
    name: str = ""
    key: str = ""


class Tick(NamedTuple):
    y: str
    value: float


class Label(NamedTuple):
    """Text beside a bar; `anchor` is the side of `x` it is not on."""

    x: str
    y: str
    anchor: str
    value: Any


def sign_of(value: Any) -> str:
    return "up" if value > 0 else "down" if value < 0 else "zero"


def share(value: float) -> str:
    return f"{value:.3f}%"


def pixels(value: float) -> str:
    return f"{value:.1f}"


def stretched(left: float, width: float, top: float, bottom: float, sign: str, value: Any, name: str) -> Bar:
    """A bar at least a pixel high; `left` and `width` in percent."""
    return Bar(share(left), pixels(top), share(width), pixels(max(bottom - top, 1)), sign, value, name)


def ticks_of(low: float, high: float, most: int = 4) -> list[float]:
    """At most `most` round numbers within [low, high], zero among them if it is inside."""
    reach = high - low
    if reach <= 0:
        return [0.0]
    power = 10.0 ** math.floor(math.log10(reach / most))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10, 20) if reach / (power * factor) < most)
    first, last = math.ceil(low / step), math.floor(high / step)
    return [index * step for index in range(first, last + 1)]


def daily(dates: Sequence[str], values: Sequence[Any]) -> dict[str, Any] | None:
    """A bar a day around zero, with the best and the worst day named. None without a result."""
    if not any(values):
        return None
    low, high = float(min(0, *values)), float(max(0, *values))
    scale = (DAILY_HEIGHT - 8) / (high - low)

    def y(value: float) -> float:
        return 4 + (high - value) * scale

    slot = 100 / len(values)
    bars, labels = [], []
    for index, value in enumerate(values):
        top, bottom = sorted((y(0), y(float(value))))
        bars.append(
            stretched(slot * (index + 0.12), slot * 0.76, top, bottom, sign_of(value), value, str(dates[index]))
        )
    for extreme in {max(values), min(values)}:
        if extreme:
            index = list(values).index(extreme)
            late = index > len(values) * 0.8
            edge = slot * (index + (0.12 if late else 0.88))
            reach = y(float(extreme)) + (10 if extreme > 0 else -2)
            labels.append(Label(share(edge), pixels(reach), "end" if late else "start", extreme))
    return {
        "height": DAILY_HEIGHT,
        "zero": pixels(y(0)),
        "bars": bars,
        "labels": labels,
        "ticks": [Tick(pixels(y(value)), value) for value in ticks_of(low, high)],
        "up": sum(1 for value in values if value > 0),
        "down": sum(1 for value in values if value < 0),
    }


def ranked(groups: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """Horizontal bars, best first; of many groups the best and the worst. None without groups.

    A group may have a `key`: what is shown of it on a closer look.
    """
    ordered = sorted(groups, key=lambda group: group["net_pnl"], reverse=True)
    if not ordered:
        return None
    left_out = len(ordered) - MOST_BARS
    if left_out > 0:
        ordered = ordered[: MOST_BARS // 2] + ordered[-MOST_BARS // 2 :]
    low = min(0.0, *(float(group["net_pnl"]) for group in ordered))
    high = max(0.0, *(float(group["net_pnl"]) for group in ordered))
    reach = (high - low) or 1.0
    zero = -low / reach * 100
    rows = []
    for group in ordered:
        value = float(group["net_pnl"])
        width = abs(value) / reach * 100
        left = zero if value >= 0 else zero - width
        bar = stretched(left, width, 5.5, 16.5, sign_of(value), group["net_pnl"], group["name"])
        rows.append(bar._replace(key=group.get("key", "")))
    return {"rows": rows, "zero": share(zero), "left_out": max(left_out, 0)}


def waterfall(parts: Sequence[tuple[str, Any, bool]]) -> dict[str, Any] | None:
    """Steps from the first part to the sum. A part is (name, amount, is a level). None if all are zero."""
    if not any(amount for _, amount, _ in parts):
        return None
    spans, running = [], 0.0
    for name, amount, level in parts:
        start = 0.0 if level else running
        running = float(amount) if level else running + float(amount)
        spans.append((name, amount, level, start, running))
    low = min(0.0, *(min(span[3], span[4]) for span in spans))
    high = max(0.0, *(max(span[3], span[4]) for span in spans))
    scale = (WATERFALL_HEIGHT - 2) / ((high - low) or 1.0)

    def y(value: float) -> float:
        return 1 + (high - value) * scale

    slot = 100 / len(spans)
    bars, links = [], []
    for index, (name, amount, level, start, end) in enumerate(spans):
        top, bottom = sorted((y(start), y(end)))
        sign = "level" if level else sign_of(amount)
        bars.append(stretched(slot * (index + 0.18), slot * 0.64, top, bottom, sign, amount, name))
        if index + 1 < len(spans):
            links.append((share(slot * (index + 0.82)), share(slot * (index + 1.18)), pixels(y(end))))
    return {"height": WATERFALL_HEIGHT, "zero": pixels(y(0)), "bars": bars, "links": links}


class Spark(NamedTuple):
    """A small drawing: a line with its last point, perhaps with the area to zero, or bars."""

    width: int
    height: int
    line: str = ""
    area: str = ""
    x: str = ""
    y: str = ""
    bars: Sequence[Bar] = ()


def sparkline(kind: str, values: Sequence[Any], width: int = 72, height: int = 36) -> Spark | None:
    """A `line`, an `area` around zero, a `bar` each around zero, or a `win_loss` tick each. None for too few values."""
    numbers = [float(value) for value in values if value is not None]
    if kind in ("line", "area"):
        return spark_line(numbers, width, height, filled=kind == "area")
    bars = spark_bars(numbers, width, height) if kind == "bar" else spark_ticks(numbers, width, height)
    return Spark(width, height, bars=bars) if any(numbers) else None


def spark_line(numbers: Sequence[float], width: int, height: int, *, filled: bool) -> Spark | None:
    if len(numbers) < 2:
        return None
    low, high = min(numbers), max(numbers)
    reach = (high - low) or 1.0

    def y(value: float) -> float:
        return 2 + (high - value) / reach * (height - 4)

    step = (width - 4) / (len(numbers) - 1)
    points = [f"{step * index:.1f} {y(numbers[index]):.1f}" for index in ends(numbers, width // 2)]
    line, zero = "M" + "L".join(points), y(min(max(0.0, low), high))
    area = f"{line}V{zero:.1f}H0Z" if filled else ""
    return Spark(width, height, line, area, pixels(width - 4), pixels(y(numbers[-1])))


def ends(numbers: Sequence[float], columns: int) -> Sequence[int]:
    """Which of them draw the same in that many columns: the lowest and the highest of each, the first and the last."""
    count = len(numbers)
    if count <= 2 * columns:
        return range(count)
    found = {0, count - 1}
    for column in range(columns):
        part = range(count * column // columns, count * (column + 1) // columns)
        found |= {min(part, key=numbers.__getitem__), max(part, key=numbers.__getitem__)}
    return sorted(found)


def spark_bars(numbers: Sequence[float], width: int, height: int) -> list[Bar]:
    low, high = min([0.0, *numbers]), max([0.0, *numbers])
    scale = height / ((high - low) or 1.0)
    tops = [sorted(((high - value) * scale, high * scale)) for value in numbers]
    return spark_slots(numbers, [(top, bottom - top) for top, bottom in tops], width)


def spark_ticks(numbers: Sequence[float], width: int, height: int) -> list[Bar]:
    """Which way, not how far: wins above the middle, losses below it, the rest on it."""
    middle = height / 2
    places = {"up": (1.0, middle - 2), "down": (middle + 1, middle - 2), "zero": (middle - 1, 2.0)}
    return spark_slots(numbers, [places[sign_of(value)] for value in numbers], width)


def spark_slots(numbers: Sequence[float], spans: Sequence[tuple[float, float]], width: int) -> list[Bar]:
    slot = width / max(len(numbers), 1)
    wide = pixels(max(slot - 1, 0.6))
    return [
        Bar(pixels(slot * index), pixels(top), wide, pixels(max(tall, 0.6)), sign_of(value))
        for index, (value, (top, tall)) in enumerate(zip(numbers, spans, strict=True))
    ]


def split(parts: Sequence[tuple[str, float]]) -> list[Bar]:
    """Shares of one bar, left to right, in percent of their sum."""
    total = sum(amount for _, amount in parts)
    bars, left = [], 0.0
    for name, amount in parts:
        width = amount / total * 100 if total else 0.0
        if width:
            bars.append(Bar(share(left), "0", share(width), "100%", name))
        left += width
    return bars


def steps(values: Sequence[Any], width: int = 1000, height: int = 100) -> str:
    """A step line that fills width x height, for a drawing that is stretched to its room."""
    numbers = [float(value) for value in values]
    if len(numbers) < 2:
        return ""
    low, high = min(numbers), max(numbers)
    reach = (high - low) or 1.0
    gap = width / (len(numbers) - 1)
    heights = [(high - value) / reach * height for value in numbers]
    return f"M0 {heights[0]:.1f}" + "".join(f"H{gap * index:.0f}V{y:.1f}" for index, y in enumerate(heights) if index)


def glyph(trade: dict[str, Any]) -> dict[str, str] | None:
    """The excursion glyph, 112 x 16: entry and exit between the lowest and the highest price, as x in pixels."""
    prices = [trade.get(name) for name in ("lowest_price", "entry_price", "exit_price", "highest_price")]
    if any(price is None for price in prices):
        return None
    low, entry, leave, high = (float(price) for price in prices if price is not None)
    low, high = min(low, entry, leave), max(high, entry, leave)
    reach = (high - low) or 1.0

    def x(price: float) -> str:
        return f"{4 + (price - low) / reach * 104:.1f}" if high > low else "56.0"

    return {"entry": x(entry), "exit": x(leave)}


def exposure(found: dict[str, Any] | None) -> list[Bar]:
    """Long, short and free share of one bar; borrowed money makes the bar longer than the account, so it is scaled."""
    if found is None:
        return []
    return split([("long", found["long_pct"]), ("short", found["short_pct"]), ("cash", max(found["cash_pct"], 0.0))])
