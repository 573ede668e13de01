"""The codes of the wire in words. Printed once into each page, so that the live page says the same."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LIVE = ("direction", "status", "liveness", "period", "exit", "role", "problem")
WORDS: dict[str, dict[str, str | Promise]] = {
    "direction": {"long": _("Long"), "short": _("Short")},
    "status": {"pending": _("Pending"), "open": _("Open"), "closed": _("Closed"), "cancelled": _("Cancelled")},
    "outcome": {"win": _("Winners"), "loss": _("Losers"), "breakeven": _("Breakeven")},
    "kind": {"live": _("Live"), "paper": _("Paper"), "backtest": _("Backtest"), "demo": _("Demo")},
    "problem": {
        "network": _("The server did not answer. Try again."),
        "session": _("You are signed out. Load the page again."),
    },
    "role": {"viewer": _("Viewer"), "operator": _("Operator"), "owner": _("Owner")},
    "liveness": {
        "live": _("Live"),
        "late": _("Late"),
        "offline": _("Silent"),
        "paused": _("Paused"),
        "stopped": _("Stopped"),
        "error": _("Error"),
    },
    "range": {
        "day": _("24 h"),
        "today": _("Today"),
        "week": _("Week"),
        "month": _("Month"),
        "quarter": _("Quarter"),
        "year": _("Year"),
        "all": _("All"),
    },
    "filter": {
        "status": _("Status"),
        "strategy": _("Strategy"),
        "direction": _("Side"),
        "outcome": _("Outcome"),
        "symbol": _("Symbol"),
    },
    "period": {"today": _("Today"), "week": _("This week"), "month": _("This month")},
    "exit": {
        "roi": _("Target (ROI)"),
        "target": _("Target"),
        "take_profit": _("Target"),
        "stop_loss": _("Stop loss"),
        "stoploss": _("Stop loss"),
        "stoploss_on_exchange": _("Stop loss"),
        "trailing_stop_loss": _("Trailing stop"),
        "exit_signal": _("Exit signal"),
        "force_exit": _("Forced"),
        "emergency_exit": _("Emergency"),
        "liquidation": _("Liquidation"),
        "partial_exit": _("Partial exit"),
        "manual": _("By hand"),
    },
}


def word(group: str, code: str) -> str:
    """The word for a code; an unknown code speaks for itself."""
    return str(WORDS[group].get(code, code))


def spoken() -> dict[str, dict[str, str]]:
    """The words of live figures in the active language."""
    return {group: {code: str(text) for code, text in WORDS[group].items()} for group in LIVE}
