"""The pages of an account, in the order of the sidebar. A page appears by one line here and its route."""

from typing import NamedTuple

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Item(NamedTuple):
    """A page's route name, its title, its icon and whether it stands at the foot of the sidebar."""

    name: str
    title: str | Promise
    icon: str
    foot: bool = False

    @property
    def near(self) -> bool:
        """Whether it has its own place in the bottom bar of a phone; the others are behind More."""
        return self.name in NEAR


NEAR = {"overview", "trades", "risk", "alerts"}
ITEMS = (
    Item("overview", _("Overview"), "layout-dashboard"),
    Item("portfolio", _("Portfolio"), "briefcase"),
    Item("strategies", _("Strategies"), "chart-line"),
    Item("trades", _("Trades"), "arrow-left-right"),
    Item("risk", _("Risk"), "shield"),
    Item("market", _("Market"), "chart-candlestick"),
    Item("alerts", _("Alerts"), "bell"),
    Item("activity", _("Activity"), "activity"),
    Item("connect", _("Connect"), "link", foot=True),
    Item("settings", _("Settings"), "settings-2", foot=True),
)


def item(name: str) -> Item:
    return next(each for each in ITEMS if each.name == name)


def links(slug: str) -> list[dict[str, object]]:
    """The items with their addresses in one account."""
    return [{**each._asdict(), "near": each.near, "url": reverse(each.name, args=[slug])} for each in ITEMS]
