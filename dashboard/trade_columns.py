"""The columns of the Trades table: which there are, which the person has chosen, and what stands below them."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Column(NamedTuple):
    """`path` is the figure of the row, `order` what it is sorted by, `sum` the spread of `stats.columns` below it."""

    name: str
    title: str | Promise
    cls: str
    path: str = ""
    kind: str = "text"
    usual: bool = True
    order: str = ""
    falling: bool = True
    tone: bool = False
    sum: str = ""
    part: str = "average"


COLUMNS = (
    Column("strategy", _("Strategy"), "of", "strategy", order="strategy", falling=False),
    Column("side", _("Side"), "sd", "direction", "word:direction"),
    Column("asset_class", _("Asset class"), "ac", "asset_class", "word:asset", usual=False),
    Column("size", _("Size"), "n sz", "size", "size", usual=False, order="size"),
    Column("stake", _("Stake"), "n sk", "stake", "money", sum="stake"),
    Column("leverage", _("Leverage"), "n lv", "leverage", "number-1", usual=False),
    Column("entry", _("Entry"), "n en", "entry_price", "price"),
    Column("exit", _("Exit"), "n ex", "exit_price", "price"),
    Column("stop", _("Stop"), "n sp", "stop_loss", "price", usual=False),
    Column("target", _("Target"), "n tp", "take_profit", "price", usual=False),
    Column("held", _("Held"), "n ag", "duration_seconds", "span", order="duration_seconds", sum="duration_seconds"),
    Column("excursion", _("Low – entry – exit – high"), "gl"),
    Column("mae", "MAE %", "n ma", "mae_pct", "signed-number-2", usual=False),
    Column("mfe", "MFE %", "n mf", "mfe_pct", "signed-number-2", usual=False),
    Column("gross", _("Gross"), "n gr", "pnl", "signed-money", usual=False),
    Column("fees", _("Fees"), "n fe", "fees", "money-3", order="fees", sum="fees", part="total"),
    Column("slippage", _("Slippage"), "n sl", "slippage", "money-3", usual=False),
    Column("funding", _("Funding"), "n fu", "funding", "signed-money-3", usual=False),
    Column("r", "R", "n rm", "r_multiple", "signed-r", sum="r_multiple", part="total"),
    Column("return", _("Return %"), "n re", "pnl_pct", "signed-number-2", order="pnl_pct", sum="pnl_pct"),
    Column(
        "net", _("Net"), "n net", "net_pnl", "signed-money", order="net_pnl", tone=True, sum="net_pnl", part="total"
    ),
    Column("exit_reason", _("Exit by"), "by", "exit_reason", "word:exit"),
    Column("signal", _("Signal"), "sg", "signal_type", "word:signal_type", usual=False),
    Column("tags", _("Tags"), "tags"),
    Column("bot", _("Bot"), "bo", "bot", usual=False),
    Column("trade_id", _("Trade"), "id", "trade_id", usual=False),
)


def chosen_columns(kept: Sequence[str] | None) -> list[Column]:
    """Those that the person has chosen, or else the usual ones, in the order of the table."""
    return [each for each in COLUMNS if (each.usual if kept is None else each.name in kept)]


def choices(shown: Sequence[Column]) -> list[dict[str, Any]]:
    return [{"name": each.name, "title": each.title, "chosen": each in shown, "usual": each.usual} for each in COLUMNS]


def feet(shown: Sequence[Column]) -> dict[str, Any]:
    """What stands below the columns: words over the first of them that have no sum, then a figure each."""
    worded = next((place for place, each in enumerate(shown) if each.sum), len(shown))
    return {"span": 3 + worded, "columns": shown[worded:], "rows": (("lowest", _("Lowest")), ("highest", _("Highest")))}
