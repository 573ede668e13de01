"""Reading freqtrade's backtest results: bytes in, trades as the API describes them out.

Money is what freqtrade says, digit by digit: `profit_abs` is net of fees and funding and is never calculated again.
The mapping is documented in docs/importing.md.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils.translation import gettext, gettext_lazy

from dashboard.fields import EXACT, OutOfRange, round_exact
from dashboard.importers.files import BadFile, BadRow, json_texts

EXPECTED = gettext_lazy(
    "expected a freqtrade backtest result: a .json, .json.gz or .zip that holds an object with "
    "strategy -> name -> trades"
)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MAX_TAGS, MAX_TAG = 20, 100
MAX_NAME = 100
Orders = list[dict[str, Any]]
EXTRA_NUMBERS = "stake_amount max_stake_amount liquidation_price contract_size interest_rate".split()
EXTRA_TEXTS = "stake_currency exchange timeframe trading_mode".split()
IDENTITY = (
    "timerange backtest_start_ts pair is_short open_timestamp open_rate amount close_timestamp close_rate profit_abs"
).split()


@dataclass(frozen=True)
class Backtest:
    """One strategy of a result file."""

    strategy: str
    currency: str | None
    starting_balance: Decimal | None
    result: dict[str, Any] = field(repr=False)

    def rows(self) -> Iterator[tuple[str, dict[str, Any] | BadRow]]:
        """Yield each trade's name and its fields, unchecked and with all digits of the file."""
        prefix = self.prefix()
        for number, raw in enumerate(self.result["trades"], 1):
            name = f"{self.strategy} trade {number}"
            try:
                item = trade(raw, self.result)
            except BadRow as error:
                yield name, error
            else:
                yield name, {**item, "trade_id": f"{prefix}-{number}", "strategy": self.strategy}

    def prefix(self) -> str:
        """The same for the same file, another for any other run: runs that share their first trades do exist."""
        rows = [self.result, *(raw for raw in self.result["trades"] if isinstance(raw, dict))]
        values = [row.get(name) for row in rows for name in IDENTITY]
        scalars = [value for value in values if not isinstance(value, list | dict)]
        digest = hashlib.sha256(json.dumps([self.strategy, *scalars], default=str).encode()).hexdigest()
        return f"{re.sub('[^A-Za-z0-9._:-]', '_', self.strategy)[:80]}-{digest[:8]}"


def read(path: Path) -> list[Backtest]:
    """The strategies of a result file. Raises BadFile."""
    results = []
    for text in json_texts(path):
        try:
            document = json.loads(text, parse_float=Decimal, parse_constant=lambda _: None)
        except (ValueError, RecursionError):
            document = None
        if isinstance(document, list):
            raise BadFile(
                gettext(
                    "is a list, as freqtrade wrote until 2020: repeat the backtest with a current one; {expected}"
                ).format(expected=EXPECTED)
            )
        if is_result(document):
            results.append(document)
    if len(results) != 1:
        said = gettext("holds {count} results; {expected}") if results else gettext("is something else; {expected}")
        raise BadFile(said.format(count=len(results), expected=EXPECTED))
    return [backtest(name, result) for name, result in results[0]["strategy"].items()]


def backtest(name: str, result: dict[str, Any]) -> Backtest:
    if not name.strip() or not name.isprintable() or len(name) > MAX_NAME:
        raise BadFile(
            gettext("names a strategy {name}; a name has 1 to {most} printable characters").format(
                name=ascii(name[:MAX_NAME]), most=MAX_NAME
            )
        )
    currency = result.get("stake_currency")
    try:
        balance = positive(result, "starting_balance")
    except BadRow as error:
        raise BadFile(gettext("strategy {name}: {error}").format(name=name, error=error)) from None
    return Backtest(name, currency if isinstance(currency, str) and currency else None, balance, result)


def is_result(document: Any) -> bool:
    strategies = document.get("strategy") if isinstance(document, dict) else None
    return isinstance(strategies, dict) and bool(strategies) and all(
        isinstance(result, dict) and isinstance(result.get("trades"), list) for result in strategies.values()
    )  # fmt: skip


def trade(raw: Any, result: dict[str, Any]) -> dict[str, Any]:
    """The fields of one trade. Raises BadRow where they cannot be made out; their ranges are judged later."""
    if not isinstance(raw, dict):
        raise BadRow(gettext("is not an object"))
    is_open, short = raw.get("is_open") is True, raw.get("is_short") is True
    orders = filled_orders(raw, short)
    entries = [order for order in orders if order["is_entry"]]
    exits = [order for order in orders if not order["is_entry"]]
    amount, reason = number(raw, "amount"), raw.get("exit_reason") or raw.get("sell_reason") or None
    profit_name = "profit_ratio" if not is_open or raw.get("total_profit_ratio") is None else "total_profit_ratio"
    ratio = number(raw, profit_name)
    opened_at = "open_timestamp" if raw.get("open_fill_timestamp") is None else "open_fill_timestamp"
    item = {
        "symbol": raw.get("pair"),
        "asset_class": "crypto",
        "direction": "short" if short else "long",
        "status": "open" if is_open else "closed",
        "signal_type": "auto",
        "size": total(order["size"] for order in entries) if entries else amount,
        "leverage": number(raw, "leverage") or Decimal(1),
        "entry_price": number(raw, "open_rate"),
        "entry_time": moment(raw, opened_at),
        "stop_loss": positive(raw, "stop_loss_abs"),
        "initial_stop_loss": positive(raw, "initial_stop_loss_abs"),
        "lowest_price": positive(raw, "min_rate"),
        "highest_price": positive(raw, "max_rate"),
        "pnl_pct": None if ratio is None else EXACT.multiply(ratio, Decimal(100)),
        "fees": fees(raw, entries, exits, amount, is_open),
        "funding": number(raw, "funding_fees"),
        "net_pnl": net_pnl(raw, is_open, exits),
        "realized_pnl": number(raw, "realized_profit") if is_open else None,
        "exit_reason": reason,
        "tags": tags(raw, reason),
        "fills": [fill(index, order) for index, order in enumerate(orders, 1)],
        "extra": extra(raw, result),
    }
    if not is_open:
        item["exit_price"] = average(exits) if len(exits) > 1 else number(raw, "close_rate")
        item["exit_time"] = moment(raw, "close_timestamp")
    return item


def net_pnl(raw: dict[str, Any], is_open: bool, exits: Orders) -> Decimal | None:
    """What freqtrade says. After a partial exit `profit_abs` of an open trade is that exit's alone."""
    if is_open:
        unrealised = number(raw, "total_profit_abs")
        return number(raw, "profit_abs") if unrealised is None and not exits else unrealised
    net = number(raw, "profit_abs")
    if net is None:
        raise BadRow("profit_abs: " + gettext("is missing"))
    return net


def filled_orders(raw: dict[str, Any], short: bool) -> Orders:
    """The orders that were filled, in the order of the file."""
    orders = raw.get("orders") or []
    if not isinstance(orders, list) or not all(isinstance(order, dict) for order in orders):
        raise BadRow("orders: " + gettext("is not a list of objects"))
    found = []
    for order in orders:
        size = number(order, "amount" if order.get("filled") is None else "filled")
        if not size or order.get("order_filled_timestamp") is None:
            continue
        price = number(order, "safe_price" if order.get("average") is None else "average")
        if price is None:
            raise BadRow("orders: " + gettext("a filled order has no safe_price"))
        is_entry = order.get("ft_is_entry")
        if is_entry is None:
            is_entry = order.get("ft_order_side") == ("sell" if short else "buy")
        side = "buy" if bool(is_entry) != short else "sell"
        time = moment(order, "order_filled_timestamp")
        found.append({"is_entry": bool(is_entry), "side": side, "size": size, "price": price, "time": time})
    return found


def fill(index: int, order: dict[str, Any]) -> dict[str, Any]:
    """A fill is named by its place, because two orders of one second may be alike in everything else."""
    return {"fill_id": str(index), **{name: order[name] for name in ("side", "price", "size", "time")}}


def fees(raw: dict[str, Any], entries: Orders, exits: Orders, amount: Decimal | None, is_open: bool) -> Decimal | None:
    """Both sides in the quote currency: as charged if charged in it, else the rate times what was traded."""
    pair = raw.get("pair") if isinstance(raw.get("pair"), str) else ""
    quote = raw.get("quote_currency") or str(pair).partition("/")[2].partition(":")[0]
    known = Decimal(0)
    for side, orders in (("open", entries), ("close", exits)):
        if side == "close" and is_open and not orders:
            continue
        cost, rate, price = number(raw, f"fee_{side}_cost"), number(raw, f"fee_{side}"), number(raw, f"{side}_rate")
        if cost is None or raw.get(f"fee_{side}_currency") != quote:
            if orders:
                value = total(EXACT.multiply(order["size"], order["price"]) for order in orders)
            elif amount is not None and price is not None:
                value = EXACT.multiply(amount, price)
            else:
                return None
            if rate is None:
                return None
            cost = EXACT.multiply(rate, value)
        known = EXACT.add(known, cost)
    return calculated(known, "fees")


def average(orders: Orders) -> Decimal:
    value = total(EXACT.multiply(order["size"], order["price"]) for order in orders)
    return calculated(EXACT.divide(value, total(order["size"] for order in orders)), "orders")


def total(values: Any) -> Decimal:
    found = Decimal(0)
    for value in values:
        found = EXACT.add(found, value)
    return found


def calculated(value: Decimal, name: str) -> Decimal:
    try:
        return round_exact(value)
    except OutOfRange as error:
        raise BadRow(gettext("{name}: the calculated value {error}").format(name=name, error=error)) from None


def tags(raw: dict[str, Any], reason: str | None) -> list[str]:
    """The words of the entry tag and of the orders' tags; an exit's tag often only repeats the reason."""
    texts = [raw.get("enter_tag") or raw.get("buy_tag")]
    texts += [tag for order in raw.get("orders") or [] if (tag := order.get("ft_order_tag")) != reason]
    words = [word[:MAX_TAG] for text in texts if isinstance(text, str) for word in text.split()]
    return list(dict.fromkeys(words))[:MAX_TAGS]


def extra(raw: dict[str, Any], result: dict[str, Any]) -> dict[str, Any]:
    """What has no field of its own; texts may stand with the run instead of with the trade."""
    found: dict[str, Any] = {name: number(raw, name) for name in EXTRA_NUMBERS}
    for name in EXTRA_TEXTS:
        texts = [value for value in (raw.get(name), result.get(name)) if isinstance(value, str) and value]
        found[name] = texts[0] if texts else None
    return {name: value for name, value in found.items() if value is not None}


def number(raw: dict[str, Any], name: str) -> Decimal | None:
    """A number with its digits as they are, below 10^18; null and absent are None. Raises BadRow."""
    value = raw.get(name)
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        value = Decimal(value)
    if not isinstance(value, Decimal):
        raise BadRow(f"{name}: " + gettext("is not a number"))
    try:
        round_exact(value)
    except OutOfRange as error:
        raise BadRow(f"{name}: {error}") from None
    return value


def positive(raw: dict[str, Any], name: str) -> Decimal | None:
    """freqtrade writes 0 where there is no price."""
    value = number(raw, name)
    return value if value is not None and value > 0 else None


def moment(raw: dict[str, Any], name: str) -> str | None:
    """Milliseconds since 1970 as ISO-8601 in UTC."""
    value = number(raw, name)
    try:
        return None if value is None else (EPOCH + timedelta(milliseconds=int(value))).isoformat()
    except OverflowError:
        raise BadRow(f"{name}: " + gettext("is not a time that exists")) from None
