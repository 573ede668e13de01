"""Row 24, the clock: an hour ahead, an hour back, and over the changes of summer time, while bots report.

A library before libc adds to the time of day what a file says, in every process of the server and at once. The
monotonic clock stays as it is, as it does when a machine's clock is set; so do the clocks of the file system, of
PostgreSQL and of the clients, as if they were other machines. Summer time begins and ends by the zone that the
servers' machine is set to, a made one; BotV2 itself keeps UTC, and what is tried is that nothing of it does not.
"""

import secrets
import struct
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx

from tests.server import Server
from tests.torture.crash import cluster, reporting_key, under_load
from tests.torture.databases import until_more
from tests.torture.ledger import Ledger, trade
from tests.torture.outcome import Outcome, Scale
from tests.torture.preload import built

ZONE = "Europe/Berlin"
HOUR = 3600.0
STARTS = 40.0  # seconds in which the servers have surely started
AT_WORK = 15.0  # seconds: the worker says every ten that it is
PATIENCE = 60.0
STILL = 5.0  # seconds that the clock may hold up reports
LIBRARY = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
static volatile double *ahead;
static int (*real)(clockid_t, struct timespec *);
__attribute__((constructor)) static void begin(void) {
    real = dlsym(RTLD_NEXT, "clock_gettime");
    int file = open(getenv("CLOCK_AHEAD"), O_RDONLY);
    void *found = mmap(0, sizeof(double), PROT_READ, MAP_SHARED, file, 0);
    if (found == MAP_FAILED) _exit(99);
    ahead = found;
    close(file);
}
int clock_gettime(clockid_t clock, struct timespec *at) {
    int found = real(clock, at);
    if (!found && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) at->tv_sec += (time_t)*ahead;
    return found;
}
int gettimeofday(struct timeval *at, void *zone) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    at->tv_sec = now.tv_sec;
    at->tv_usec = now.tv_nsec / 1000;
    return 0;
}
time_t time(time_t *at) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (at) *at = now.tv_sec;
    return now.tv_sec;
}
"""


class Clock:
    """What the servers' clocks are ahead of this machine's, in whole seconds."""

    def __init__(self, folder: Path) -> None:
        self.file, self.library = folder / "ahead", built(LIBRARY, folder / "clock.so")
        self.set(0)

    def set(self, seconds: float) -> None:
        with self.file.open("r+b" if self.file.exists() else "wb") as file:
            file.write(struct.pack("d", int(seconds)))

    def environment(self) -> dict[str, str]:
        return {"LD_PRELOAD": str(self.library), "CLOCK_AHEAD": str(self.file)}


class Summer:
    """A time zone whose summer time begins and ends in so many seconds."""

    def __init__(self, start: float, end: float) -> None:
        now = datetime.now(UTC).replace(microsecond=0)
        self.over = time.monotonic() + end
        begins, ends = now + timedelta(hours=1, seconds=start), now + timedelta(hours=2, seconds=end)
        dates = (f"{at.timetuple().tm_yday - 1}/{at:%H:%M:%S}" for at in (begins, ends))
        self.zone = ",".join(["WIN-1SUM", *dates])


@contextmanager
def clocked(folder: Path, postgres: bool, calm: float) -> Iterator[tuple[list[Server], Clock, Summer]]:
    clock = Clock(folder)
    with cluster(folder, postgres) as servers:
        summer = Summer(STARTS, STARTS + calm)
        for server in servers:
            restart(server, METRICS_TOKEN=secrets.token_urlsafe(32), TZ=summer.zone, **clock.environment())
        yield servers, clock, summer


def restart(server: Server, **environment: str) -> None:
    server.stop()
    server.environment |= environment
    server.start()


class Watch:
    """What should stay as it is whatever the clock says: the person's session, the worker, the stream."""

    def __init__(self, server: Server, key: str) -> None:
        self.server = server
        self.person = httpx.Client(base_url=server.url, timeout=30, trust_env=False, follow_redirects=True)
        assert self.person.get(server.sign_in_link()).is_success
        token = {"Authorization": f"Bearer {server.environment['METRICS_TOKEN']}"}
        self.scraper = httpx.Client(base_url=server.url, headers=token, timeout=30, trust_env=False)
        self.bot = httpx.Client(
            base_url=server.url, headers={"Authorization": f"Bearer {key}"}, timeout=30, trust_env=False
        )
        self.faults: list[str] = []

    def look(self, ahead: float) -> float:
        """Return the seconds until the worker has said again that it is at work."""
        status = self.person.get("/api/me").status_code
        if status != 200:
            self.faults.append(f"the session is answered {status} with the clock {ahead:+.0f} s off")
        if not self.shows(ahead):
            self.faults.append(f"the server's clock is not {ahead:+.0f} s off")
        return seconds_until(lambda: 0 <= self.metric("botv2_worker_age_seconds") < AT_WORK)

    def shows(self, ahead: float) -> bool:
        """Whether the date of its answers, which is renewed once a second, comes to be so far off."""
        for _ in range(30):
            told = parsedate_to_datetime(self.bot.get("/healthz").headers["Date"])
            if abs((told - datetime.now(UTC)).total_seconds() - ahead) < 30:
                return True
            time.sleep(0.1)
        return False

    def metric(self, name: str) -> float:
        """The largest value of that name."""
        lines = self.scraper.get("/metrics").raise_for_status().text.splitlines()
        return max(float(line.split()[-1]) for line in lines if line.startswith(name))


def seconds_until(true: Callable[[], bool]) -> float:
    begun = time.monotonic()
    while not true() and time.monotonic() - begun < PATIENCE:
        time.sleep(0.1)
    return time.monotonic() - begun


def through(scale: Scale, postgres: bool) -> Outcome:
    """The zone of the servers changes to summer time and back; then the clock jumps and comes back, each way."""
    steps = [HOUR, 0.0, -HOUR, 0.0] * scale.of(10, 1)
    calm = scale.of(10, 2)
    with (
        tempfile.TemporaryDirectory(prefix="botv2-clock-") as name,
        clocked(Path(name), postgres, calm) as (servers, clock, summer),
    ):
        key = reporting_key(servers[0])
        watch = Watch(servers[-1], key)  # a new link ends those of before

        def disturb(ledger: Ledger) -> dict[str, Any]:
            in_time = time.monotonic() < summer.over - calm
            until_more(ledger)
            waits, works = [], []
            while time.monotonic() < summer.over + calm:
                waits.append(until_more(ledger))
            for step in steps:
                clock.set(step)
                waits.append(until_more(ledger))
                works.append(watch.look(step))
                time.sleep(calm)
            if not in_time:
                watch.faults.append("summer time began before there was load")
            refused = {status: count for status, count in ledger.statuses.items() if status != 200}
            return {
                "jumps": len(steps), "stood_still_seconds_max": round(max(waits), 2),
                "worker_back_seconds_max": round(max(works), 1), "refused": refused,
            }  # fmt: skip

        found = Outcome.of(under_load([each.url for each in servers], key, disturb))
        behind = seconds_until(lambda: watch.metric("botv2_follower_lag") == 0)
        both_folds(servers[0], key, found)
    figures = found.figures
    figures["caught_up_seconds"] = round(behind, 1)
    found.faults += watch.faults
    found.want(not figures["refused"], f"bots were answered {figures['refused']}")
    found.want(figures["stood_still_seconds_max"] <= STILL, f"nothing was taken for more than {STILL} s")
    found.want(figures["worker_back_seconds_max"] <= AT_WORK, "the worker stood still")
    found.want(behind < PATIENCE, "the rollups did not catch up")
    found.want(figures["client_connections"] == 1, "the clock threw the client out")
    return found


def both_folds(server: Server, key: str, found: Outcome) -> None:
    """The hour that is there twice and the one that is not there, told as a bot near the changes would tell them."""
    exits = {
        "2026-10-25T02:30:00+02:00": "2026-10-25T00:30:00Z",
        "2026-10-25T02:30:00+01:00": "2026-10-25T01:30:00Z",
        "2026-10-25T03:30:00+01:00": "2026-10-25T02:30:00Z",
        "2026-03-29T01:59:59+01:00": "2026-03-29T00:59:59Z",
        "2026-03-29T03:00:00+02:00": "2026-03-29T01:00:00Z",
    }
    bot = httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {key}"}, timeout=30, trust_env=False)
    told = [
        {
            **trade(at.replace("+", "_"), "closed"),
            "strategy": "folds",
            "entry_time": "2026-01-01T00:00:00Z",
            "exit_time": at,
        }
        for at in exits
    ]
    bot.post("/api/trades", json=told).raise_for_status()
    rows = bot.get("/api/trades", params={"strategy": "folds"}).raise_for_status().json()["data"]["trades"]
    wanted = {name.replace("+", "_"): datetime.fromisoformat(at) for name, at in exits.items()}
    stored = {row["trade_id"]: datetime.fromisoformat(row["exit_time"]) for row in rows}
    found.want(stored == wanted, f"stored: {stored}")
    asked = {"strategy": "folds", "timezone": ZONE}
    chart = bot.get("/api/analytics/hours", params=asked).raise_for_status().json()["data"]["trades"]
    counted = {hour: day[hour] for day in chart for hour in range(24) if day[hour]}
    found.want(counted == {1: 1, 2: 2, 3: 2}, f"closed by the hour of {ZONE}: {counted}")


def run(scale: Scale, whole: Outcome) -> None:
    for name, postgres in (("SQLite", False), ("PostgreSQL", True)):
        found = through(scale, postgres)
        whole.figures[f"clock, {name}"] = found.figures
        whole.faults += [f"clock, {name}: {fault}" for fault in found.faults]
