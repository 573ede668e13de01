"""Events in words: what happened, to what, by whom. An event holds the whole row after it, so nothing is looked up but
who acted where only the audit log says it."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from dashboard.models import Account, AuditEntry
from dashboard.templatetags.figures import Setting, write
from dashboard.words import word

Event = tuple[int, str, datetime, dict[str, Any]]
AUDITED = ("account_update", "strategy_update", "trade_executed")


class Told:
    """One event about to be said."""

    def __init__(self, account: Account, row: dict[str, Any], setting: Setting) -> None:
        self.account, self.row, self.setting = account, row, setting

    def money(self, name: str, kind: str = "signed-money") -> str | None:
        value = self.row[name]
        return None if value is None else f"{write(kind, value, self.setting)} {self.account.base_currency}"

    def figure(self, name: str, kind: str) -> str:
        return write(kind, self.row[name], self.setting).strip()

    def link(self, route: str, *parts: int, anchor: str = "", **query: Any) -> str:
        address = reverse(route, args=[self.account.slug, *parts])
        return address + (f"?{urlencode(query)}" if query else "") + anchor


Line = dict[str, Any]


def trade(told: Told) -> Line:
    row = told.row
    size = told.figure("size", "size")
    facts: list[str | None]
    if row["status"] == "closed":
        facts = [told.money("net_pnl"), _("at %s") % told.figure("exit_price", "price"), row["strategy"]]
    elif row["entry_price"] is not None:
        price = told.figure("entry_price", "price")
        facts = [_("%(size)s at %(price)s") % {"size": size, "price": price}, told.money("net_pnl"), row["strategy"]]
    else:
        facts = [size, row["strategy"]]
    return {
        "act": row["change"],
        "thing": f"{row['symbol']} {word('direction', row['direction'])}",
        "facts": facts,
        "url": None if row["change"] == "deleted" else told.link("trades", show=f"trade-{row['id']}"),
        # An update may be a person's note, and a deletion is.
        "by": None if row["change"] in ("updated", "deleted") else row["bot"],
    }


def portfolio(told: Told) -> Line:
    worth, change = told.money("total_value", "money"), told.money("daily_change")
    today = None if change is None else _("%s today") % change
    return {"thing": worth, "facts": [today], "url": told.link("portfolio"), "by": told.row["bot"]}


def cash_flow(told: Told) -> Line:
    return {"act": told.row["kind"], "thing": told.money("amount"), "facts": [told.row["note"]],
            "url": told.link("portfolio")}  # fmt: skip


def account_change(told: Told) -> Line:
    names = [word("account_field", name) for name in told.row["change"]]
    return {"thing": told.row["name"], "facts": [", ".join(names)], "url": told.link("settings")}


def strategy(told: Told) -> Line:
    on = _("enabled") if told.row["enabled"] else _("disabled")
    return {"thing": told.row["name"], "facts": [on], "url": told.link("strategy", told.row["id"])}


def alert(told: Told) -> Line:
    row = told.row
    people = {"acknowledged": row["acknowledged_by"], "resolved": row["resolved_by"]}
    return {
        "act": row["change"],
        "thing": row["title"],
        "facts": [word("severity", row["severity"]), row["strategy"]],
        "url": told.link("alerts", anchor=f"#alert-{row['id']}", show="history"),
        "by": people.get(row["change"]),
    }


def annotation(told: Told) -> Line:
    row = told.row
    written = row["author"] if row["change"] == "created" else None
    return {"act": row["change"], "thing": row["text"], "facts": [row["chart_id"]], "url": told.link("overview"),
            "by": written}  # fmt: skip


def risk(told: Told) -> Line:
    sharpe, fall = told.row["sharpe_ratio"], told.row["max_drawdown"]
    facts = [
        None if sharpe is None else _("Sharpe %s") % told.figure("sharpe_ratio", "number-2"),
        None if fall is None else _("max drawdown %s") % write("signed-percent", fall * 100, told.setting),
    ]
    return {"thing": told.figure("timestamp", "day"), "facts": facts, "url": told.link("risk"), "by": "BotV2"}


def bot(told: Told) -> Line:
    row = told.row
    return {"act": row["state"], "thing": row["name"], "facts": [row["version"], row["message"]],
            "url": told.link("overview"), "by": row["name"]}  # fmt: skip


WAYS: dict[str, Callable[[Told], Line]] = {
    "trade_executed": trade,
    "portfolio_update": portfolio,
    "cashflow": cash_flow,
    "account_update": account_change,
    "strategy_update": strategy,
    "alert": alert,
    "annotation": annotation,
    "risk_update": risk,
    "bot_status": bot,
}


def lines(account: Account, events: Sequence[Event], setting: Setting) -> list[Line]:
    """Each event as the page prints it, in the order given."""
    acts = actors(account, [at for _, kind, at, _ in events if kind in AUDITED])
    found = []
    for seq, kind, at, row in events:
        said = WAYS[kind](Told(account, row, setting))
        name = f"{kind} {said['act']}" if said.get("act") else kind
        facts = [fact for fact in said["facts"] if fact]
        by = said.get("by") or (acts.get(at) if kind in AUDITED else None)
        found.append(
            {**said, "seq": seq, "kind": kind, "at": at, "what": word("event", name), "facts": facts, "by": by}
        )
    return found


def actors(account: Account, moments: list[datetime]) -> dict[datetime, str]:
    """Who acted at these moments: an act and its event are written at the same one."""
    if not moments:
        return {}
    rows = AuditEntry.objects.filter(account=account, at__in=set(moments)).values_list("at", "actor")
    return {at: name(actor) for at, actor in rows}


def name(actor: str) -> str:
    kind, _colon, rest = actor.partition(":")
    return rest if kind == "user" else _("a program") if kind == "key" else _("the command line")
