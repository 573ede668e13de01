"""Is a bot alive? The browser asks the same of the same rows (`static/js/stores/liveness.js`); both are held to
`tests/samples/liveness.json`."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

LATE_AFTER = 2  # expected intervals without a beat
SILENT_AFTER = 10
GRACE = 5  # seconds a beat may take to arrive
TICKS = 72
RANK = {"none": 0, "beat": 1, "miss": 2}


def liveness(bot: dict[str, Any], now: datetime) -> str:
    """live, late or offline by the age of the last beat; paused, stopped or error while it says so itself."""
    if bot["last_seen"] is None:
        return "offline"
    silent = (now - instant(bot["last_seen"])).total_seconds() - GRACE
    if silent > SILENT_AFTER * bot["expected_interval"]:
        return "stopped" if bot["state"] == "stopped" else "offline"
    if bot["state"] in {"paused", "stopped", "error"}:
        return str(bot["state"])
    return "late" if silent > LATE_AFTER * bot["expected_interval"] else "live"


def instant(value: Any) -> datetime:
    return datetime.fromisoformat(value).astimezone(UTC) if isinstance(value, str) else value


def tape(beats: Sequence[int], alive: bool) -> list[str]:
    """One word per slot, oldest first: beat, miss (the first empty slot of a silence) or none."""
    words: list[str] = []
    for index, count in enumerate(beats):
        newest = index == len(beats) - 1
        if count or (newest and alive):
            words.append("beat")
        else:
            words.append("miss" if words and words[-1] == "beat" and not newest else "none")
    return words


def shown(words: Sequence[str]) -> list[str]:
    """The tape in 72 ticks; a tick of several slots shows the miss among them."""
    each = max(len(words) // TICKS, 1)
    folded = [max(words[at : at + each], key=RANK.__getitem__) for at in range(0, len(words), each)]
    return ["none"] * (TICKS - len(folded)) + folded[-TICKS:]


def pulse(bots: Sequence[dict[str, Any]], now: datetime) -> dict[str, Any]:
    """What the top bar says of all bots: how many, how many alive, the last beat, and the tapes laid together."""
    alive = [is_alive(bot, now) for bot in bots]
    tapes = [tape(bot["beats"], living) for bot, living in zip(bots, alive, strict=True)]
    return {
        "bots": len(bots),
        "alive": sum(alive),
        "last_seen": max((instant(bot["last_seen"]) for bot in bots if bot["last_seen"]), default=None),
        "tape": shown([max(words, key=RANK.__getitem__) for words in zip(*tapes, strict=True)]),
    }


def is_alive(bot: dict[str, Any], now: datetime) -> bool:
    return liveness(bot, now) in {"live", "late", "paused"}
