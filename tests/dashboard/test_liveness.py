"""The server and the browser agree on who is alive: tests/samples/liveness.json holds for both."""

import json
from datetime import datetime

from botv2.env import ROOT
from dashboard.liveness import liveness, pulse, shown, tape

SAMPLES = json.loads((ROOT / "tests/samples/liveness.json").read_text())
NOW = datetime.fromisoformat(SAMPLES["now"])


def test_a_bot_is_live_late_or_silent_by_its_last_beat() -> None:
    assert [liveness(bot, NOW) for bot in SAMPLES["bots"]] == [bot["liveness"] for bot in SAMPLES["bots"]]


def test_a_tape_shows_a_miss_where_a_silence_begins() -> None:
    for sample in SAMPLES["tapes"]:
        assert tape(sample["beats"], sample["alive"]) == sample["words"]


def test_72_ticks_show_the_miss_among_their_slots() -> None:
    words = ["beat"] * 288
    words[5] = "miss"
    assert shown(words) == ["beat", "miss", *["beat"] * 70]
    assert shown([]) == ["none"] * 72


def test_the_pulse_lays_all_tapes_together() -> None:
    common = {"state": "running", "expected_interval": 60}
    bots = [
        {**common, "last_seen": "2024-08-02T15:19:56Z", "beats": [1, 1, 1]},
        {**common, "last_seen": "2024-08-02T10:00:00Z", "beats": [1, 0, 0]},
    ]
    found = pulse(bots, NOW)
    assert (found["bots"], found["alive"]) == (2, 1)
    assert found["last_seen"] == datetime.fromisoformat("2024-08-02T15:19:56Z")
    assert found["tape"][-3:] == ["beat", "miss", "beat"]
