"""How far one trade went while it was open; by stored candles where its bot did not say."""

from datetime import datetime
from typing import Any

from django.db.models import Max, Min, Q

from dashboard import wire
from dashboard.models import Trade
from dashboard.selectors.market import Series
from dashboard.timeframes import TIMEFRAMES

MOST = 10_000  # candles that are looked at
EXTREMES = ("lowest_price", "highest_price")


def trade_detail(trade: Trade, now: datetime) -> dict[str, Any]:
    """The trade, with `excursions_from`: reported, candles, or None where MAE and MFE are not known."""
    row = wire.TRADE.instance(trade)
    if all(row[name] is not None for name in EXTREMES):
        return {**row, "excursions_from": "reported"}
    reached = candle_extremes(trade, now)
    if reached is None:
        return {**row, "excursions_from": None}
    filled = {**row, **{name: value for name, value in reached.items() if row[name] is None}}
    derived = wire.TRADE.finish([filled])[0]
    return {**row, **wire.pick(derived, ["mae_pct", "mfe_pct"]), "excursions_from": "candles"}


def candle_extremes(trade: Trade, now: datetime) -> dict[str, float] | None:
    """The lowest and the highest price of the finest candles of the account's exchange that lie within the trade.

    A candle that began before the entry or ended after the exit says nothing certain. None where candles lack at the
    beginning or at the end.
    """
    begin, end = trade.entry_time, trade.exit_time or now
    if trade.status not in ("open", "closed") or begin is None:
        return None
    lengths = {name: length for name, length in TIMEFRAMES.items() if length <= end - begin <= MOST * length}
    ended = Q()
    for name, length in lengths.items():
        ended |= Q(timeframe=name, timestamp__lte=end - length)
    rows = Series(trade.account, trade.symbol, trade.account.exchange).rows().order_by()
    rows = rows.filter(ended, timeframe__in=lengths, timestamp__gte=begin, timestamp__lte=end)
    found = rows.values("timeframe").annotate(
        first=Min("timestamp"), last=Max("timestamp"), low=Min("low"), high=Max("high")
    )
    known = {each["timeframe"]: each for each in found}
    for name, length in lengths.items():
        reached = known.get(name)
        if reached and reached["first"] < begin + length and reached["last"] > end - 2 * length:
            left = [] if trade.exit_price is None else [float(trade.exit_price)]
            return {"lowest_price": min([reached["low"], *left]), "highest_price": max([reached["high"], *left])}
    return None
