"""The pills of a page: one for each filter that has something to choose, with a link that clears it."""

from collections.abc import Iterable
from itertools import chain
from typing import Any

from django.utils.translation import gettext as _

from dashboard.models import Account, Trade
from dashboard.page_filters import PageFilters
from dashboard.selectors.book import book_of
from dashboard.words import WORDS, word

MOST_CHOICES = 200
AMOUNTS = ("min_pnl", "max_pnl")
Choices = list[tuple[str, str]]
Pill = dict[str, Any]


def pills(asked: PageFilters, account: Account) -> list[Pill]:
    """The pills of the filters that the page offers, without those that nothing in the account answers to."""
    found = [each for name in asked.offered for each in made(asked, account, name)]
    return [each for each in found if each["value"] or each.get("choices") or each.get("inputs")]


def made(asked: PageFilters, account: Account, name: str) -> list[Pill]:
    if name == "status" and "outcome" in asked.offered:
        return [status_pill(asked)]
    if name == "min_pnl":
        return [amounts_pill(asked, account)]
    if name == "search":
        return [typed(asked, name, [(name, word("filter", name), asked.single.get(name, ""))], kind="search")]
    if name in ("outcome", "max_pnl"):
        return []  # a part of the pill before
    return [pill(asked, name, choices(asked, account, name))]


def choices(asked: PageFilters, account: Account, name: str) -> Choices:
    """What can be chosen, of what there is."""
    if name == "strategy":
        return [(each, each) for each in asked.known[:MOST_CHOICES]]
    if name == "symbol":
        return [(each, each) for each in symbols(account)]
    closed = book_of(account).closed
    if name == "exit_reason":
        return [(each, word("exit", each)) for each in some(closed.exit_reasons.names)]
    if name == "tag":
        return [(each, each) for each in some(chain(*closed.tags.lists(), *closed.user_tags.lists()))]
    present = {"asset_class": closed.asset_classes, "signal_type": closed.signal_types}.get(name)
    found = [(code, str(title)) for code, title in WORDS[asked.coded[name]].items()]
    return found if present is None else [each for each in found if each[0] in present.names]


def some(names: Iterable[str | None]) -> list[str]:
    return sorted({name for name in names if name}, key=str.casefold)[:MOST_CHOICES]


def symbols(account: Account) -> list[str]:
    found = Trade.objects.filter(account=account).order_by("symbol").values_list("symbol", flat=True).distinct()
    return list(found[:MOST_CHOICES])


def pill(asked: PageFilters, name: str, choices: Choices) -> Pill:
    several = name in asked.several
    single = asked.single.get(name)
    chosen = asked.several[name] if several else [] if single is None else [single]
    titles = dict(choices)
    return {
        "name": name,
        "title": word("filter", name),
        "value": ", ".join(titles.get(code, code) for code in chosen),
        "clear": asked.link(**{name: None}),
        "choices": [
            choice(title, code in chosen, asked.link(**{name: toggled(chosen, code) if several else code}))
            for code, title in choices
        ],
    }


def choice(title: str, chosen: bool, url: str) -> Pill:
    return {"title": title, "chosen": chosen, "url": url}


def toggled(names: list[str], name: str) -> list[str]:
    return [each for each in names if each != name] if name in names else [*names, name]


def status_pill(asked: PageFilters) -> Pill:
    """How far a trade is, or what it came to: a result is one of closed trades."""
    others = {"status": "outcome", "outcome": "status"}
    listed = [(name, code, str(title)) for name in others for code, title in WORDS[name].items()]
    return {
        "name": "status",
        "title": word("filter", "status"),
        "value": ", ".join(title for name, code, title in listed if asked.single.get(name) == code),
        "clear": asked.link(status=None, outcome=None),
        "choices": [
            choice(title, asked.single.get(name) == code, asked.link(**{name: code, others[name]: None}))
            for name, code, title in listed
        ],
    }


def amounts_pill(asked: PageFilters, account: Account) -> Pill:
    low, high = (asked.single.get(name, "") for name in AMOUNTS)
    titles = {"min_pnl": _("At least"), "max_pnl": _("At most")}
    found = typed(asked, "min_pnl", [(name, titles[name], asked.single.get(name, "")) for name in AMOUNTS])
    value = f"{low} … {high}" if low and high else f"≥ {low}" if low else f"≤ {high}" if high else ""
    return {**found, "value": value, "unit": account.base_currency, "clear": asked.link(**dict.fromkeys(AMOUNTS))}


def typed(asked: PageFilters, name: str, inputs: list[tuple[str, str, str]], kind: str = "text") -> Pill:
    """A pill with something to type: it takes effect while one types."""
    return {
        "name": name,
        "title": word("filter", name),
        "value": next((value for _, _, value in inputs if value), ""),
        "clear": asked.link(**{each: None for each, _, _ in inputs}),
        "inputs": [{"name": each, "title": title, "value": value} for each, title, value in inputs],
        "kind": kind,
        "kept": asked.kept_without(*(each for each, _, _ in inputs)),
    }
