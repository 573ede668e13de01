"""How a figure is written on the screen. `static/js/core/format.js` does the same for live updates, and both are
held to `tests/samples/format.json`."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from html import escape
from typing import Any, NamedTuple

from django import template
from django.utils.dateparse import parse_datetime
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from dashboard.words import counted, word

register = template.Library()

MINUS = "−"
DASH = "–"
THIN = "\u202f"  # no-break, before % and between thousands
SPACE = "\u00a0"
# Of thousands and of decimals, as browsers write them; Django's formats differ for Spanish.
SEPARATORS = {"en": (",", "."), "de": (".", ","), "es": (".", ","), "fr": (THIN, ",")}
BLANK_DIGIT = "\u2007"
PRICE_PLACES = 5
MASK = "•••"
MONEY_PLACES = {"JPY": 0, "KRW": 0, "BTC": 8, "XBT": 8, "ETH": 6}


class Setting(NamedTuple):
    """What formatting depends on besides the value. `zone` is where the person is; `masked` hides money."""

    places: int
    now: datetime
    zone: tzinfo = UTC
    masked: bool = False


def money_places(currency: str) -> int:
    return MONEY_PLACES.get(currency.upper(), 2)


def number(value: Any) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))


def moment(value: Any) -> datetime:
    found = parse_datetime(value) if isinstance(value, str) else value
    assert found is not None
    return found.astimezone(UTC)


def local(value: Any, setting: Setting) -> datetime:
    return moment(value).astimezone(setting.zone)


def zone_name(setting: Setting) -> str:
    return str(setting.zone).replace("_", " ")


def fixed(value: Any, places: int, *, signed: bool = False) -> str:
    """`value` rounded half away from zero, grouped by the active locale; the sign of what is left after rounding."""
    amount = number(value).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    whole, _, rest = f"{abs(amount):f}".partition(".")
    group, point = SEPARATORS.get((get_language() or "en").partition("-")[0], SEPARATORS["en"])
    text = re.sub(r"(?<=\d)(?=(\d{3})+$)", group, whole) + (point + rest if rest else "")
    if amount < 0:
        return MINUS + text
    return "+" + text if signed and amount > 0 else text


def plain_digits(value: Any) -> tuple[str, str]:
    whole, _, rest = f"{abs(number(value)):f}".partition(".")
    return whole.lstrip("0"), rest.rstrip("0")


def price_places(value: Any) -> int:
    """Decimals that show five significant digits, up to six where the price has more; at least two."""
    whole, rest = plain_digits(value)
    zeros = 0 if whole else len(rest) - len(rest.lstrip("0"))
    least = min(max(5 - len(whole), 2), PRICE_PLACES)
    most = max(6 - len(whole) + zeros, 2)
    return max(least, min(len(rest), most))


def price(value: Any, setting: Setting) -> str:
    places = price_places(value)
    return fixed(value, places) + BLANK_DIGIT * (PRICE_PLACES - places)


def size(value: Any, setting: Setting) -> str:
    whole, rest = plain_digits(value)
    zeros = 0 if whole else len(rest) - len(rest.lstrip("0"))
    return fixed(value, min(len(rest), max(6 - len(whole) + zeros, 0)))


def span(value: Any, setting: Setting) -> str:
    """Seconds in words: 40 s, 25 m, 2 h 35, 3 d 4 h."""
    seconds = max(int(number(value)), 0)
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if minutes < 1:
        return measure(seconds, "s")
    if hours < 1:
        return measure(minutes, "m")
    if days < 1:
        return f"{measure(hours, 'h')}{SPACE}{minutes % 60:02d}"
    return f"{measure(days, 'd')}{SPACE}{measure(hours % 24, 'h')}"


def measure(amount: int, unit: str) -> str:
    return f"{amount}{SPACE}{word('unit', unit)}"


def age(value: Any, setting: Setting) -> str:
    """Time since `value`; seconds up to 120."""
    seconds = max(int((setting.now - moment(value)).total_seconds()), 0)
    return measure(seconds, "s") if seconds <= 120 else span(seconds, setting)


def clock(value: Any, setting: Setting) -> str:
    return f"{local(value, setting):%H:%M}"


def exact_clock(value: Any, setting: Setting) -> str:
    return f"{local(value, setting):%H:%M:%S}"


def date(at: datetime, pattern: str) -> str:
    """By a pattern of the words: months and their order are not those of Django, which differ from browsers'."""
    parts = {"day": str(at.day), "month": word("month", str(at.month)), "year": str(at.year)}
    return word("date", pattern).format(**parts)


def day(value: Any, setting: Setting) -> str:
    """2 Aug; with its year if that is another one."""
    at = local(value, setting)
    return date(at, "day" if at.year == local(setting.now, setting).year else "day_of_year")


def time(value: Any, setting: Setting) -> str:
    """14:40 today, 2 Aug this year, else Aug 2006."""
    at, now = local(value, setting), local(setting.now, setting)
    if at.date() == now.date():
        return clock(at, setting)
    return date(at, "day" if at.year == now.year else "month")


def exact_time(value: Any, setting: Setting) -> str:
    return f"{date(local(value, setting), 'day_of_year')}, {exact_clock(value, setting)} {zone_name(setting)}"


def tick(value: Any, setting: Setting) -> str:
    """A round number on an axis around zero, with no more decimals than it has."""
    return fixed(value, len(plain_digits(round(number(value), 8))[1]), signed=True)


def percent(places: int, *, signed: bool = False) -> Callable[[Any, Setting], str]:
    return lambda value, setting: f"{fixed(value, places, signed=signed)}{THIN}%"


def decimals(places: int, *, signed: bool = False) -> Callable[[Any, Setting], str]:
    return lambda value, setting: fixed(value, places, signed=signed)


FORMATS: dict[str, Callable[[Any, Setting], str]] = {
    "text": lambda value, setting: str(value),
    "list": lambda value, setting: ", ".join(value),
    "count": decimals(0),
    "money": lambda value, setting: fixed(value, setting.places),
    "signed-money": lambda value, setting: fixed(value, setting.places, signed=True),
    "money-3": lambda value, setting: fixed(value, setting.places + 1),
    "signed-money-3": lambda value, setting: fixed(value, setting.places + 1, signed=True),
    "percent": percent(2),
    "signed-percent": percent(2, signed=True),
    "percent-1": percent(1),
    "number-1": decimals(1),
    "number-2": decimals(2),
    "signed-number-2": decimals(2, signed=True),
    "signed-r": decimals(3, signed=True),
    "price": price,
    "size": size,
    "tick": tick,
    "span": span,
    "age": age,
    "clock": clock,
    "exact-clock": exact_clock,
    "day": day,
    "time": time,
    "base": lambda value, setting: str(value).partition("/")[0],
    "quote": lambda value, setting: quote(str(value)),
}
TIMES = {"age", "clock", "exact-clock", "day", "time"}
MONEY = {"money", "signed-money", "money-3", "signed-money-3", "size", "tick"}


def quote(symbol: str) -> str:
    """What a symbol is traded against: `ETC/USDT:USDT` is a perpetual in USDT."""
    rest, _, settle = symbol.partition("/")[2].partition(":")
    return f"{rest} perp" if settle else rest


def write(kind: str, value: Any, setting: Setting) -> str:
    """The text of `value`; an en dash for what is unknown."""
    if value is None or value in ("", []):
        return "" if kind in {"text", "list", "quote"} else DASH
    if kind.startswith("word:"):
        return word(kind.removeprefix("word:"), str(value))
    if kind.startswith("count:"):
        return counted(kind.removeprefix("count:"), int(value), fixed(value, 0))
    if setting.masked and kind in MONEY:
        return MASK
    return FORMATS[kind](value, setting)


def sign(kind: str, value: Any, text: str, setting: Setting) -> str:
    """up, down or zero, as the rounded `text` says; none for what is unknown."""
    if value is None or value == "":
        return "none"
    if text == MASK:
        text = write(kind, value, setting._replace(masked=False))
    if text.startswith(MINUS):
        return "down"
    return "up" if text.startswith("+") else "zero"


def follow(scope: Any, path: str) -> Any:
    """The value at a dotted path of dicts; None where it ends early."""
    for name in path.split("."):
        scope = scope.get(name) if isinstance(scope, dict) else None
    return scope


def holds(scope: Any, condition: str) -> bool:
    """`path` (there and not empty; an amount of zero is there) or `path=value`; `!` before it turns it round."""
    if condition.startswith("!"):
        return not holds(scope, condition[1:])
    path, equals, wanted = condition.partition("=")
    value = follow(scope, path)
    return str(value) == wanted if equals else isinstance(value, Decimal) or bool(value)


def setting_of(context: template.Context) -> Setting:
    return Setting(context["money_places"], context["now"], context.get("zone") or UTC, bool(context.get("masked")))


@register.simple_tag(takes_context=True)
def bind(
    context: template.Context, path: str, kind: str = "text", cls: str = "", tone: bool = False, tag: str = "span"
) -> SafeString:
    """A figure of the current `scope`: its text now, and where it comes from for the live page."""
    value, setting = follow(context["scope"], path), setting_of(context)
    text, attributes = write(kind, value, setting), bound(path, kind, cls)
    if tone:
        attributes += f' data-tone="" data-sign="{sign(kind, value, text, setting)}"'
    if kind in TIMES:
        tag = "time"
        if value is not None:
            at = moment(value)
            shown = escape(exact_time(at, setting))
            attributes += f' datetime="{at.isoformat().replace("+00:00", "Z")}" title="{shown}"'
    return SafeString(f"<{tag}{attributes}>{escape(text)}</{tag}>")


@lru_cache(maxsize=4096)
def bound(path: str, kind: str, cls: str) -> str:
    """The attributes that are the same in every row of every page. (A page has some thousand figures.)"""
    named = f' class="{escape(cls)}"' if cls else ""
    return f' data-bind="{escape(path)}" data-format="{escape(kind)}"{named}'


@register.simple_tag(takes_context=True)
def spread(context: template.Context, column: str, part: str, kind: str, tone: bool = False) -> SafeString:
    """The sum, mean or end of a column of trades, for the row below them."""
    return bind(context, f"stats.columns.{column}.{part}", kind, tone=tone)


@register.simple_tag(takes_context=True)
def when(context: template.Context, condition: str) -> SafeString:
    """Attributes that hide an element unless `condition` holds for the current `scope`, now and live."""
    hidden = "" if holds(context["scope"], condition) else " hidden"
    return SafeString(f'data-when="{escape(condition)}"{hidden}')


@register.simple_tag(takes_context=True)
def toned(context: template.Context, value: Any, kind: str, cls: str = "") -> SafeString:
    """A figure of money won or lost, which the live page fetches anew as a whole."""
    setting = setting_of(context)
    text, named = write(kind, value, setting), f' class="{escape(cls)}"' if cls else ""
    return SafeString(f'<span{named} data-sign="{sign(kind, value, text, setting)}">{escape(text)}</span>')


@register.simple_tag(takes_context=True)
def figure(context: template.Context, value: Any, kind: str) -> str:
    """The text of a figure in a drawing, which the live page fetches anew as a whole."""
    return write(kind, value, setting_of(context))
