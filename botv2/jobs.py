"""Background work. The queue only wakes it: what has to be done is read from the database, so a lost job is no loss.

The queue lives in the process that works it off, a worker or `make run`, and that process looks for news of all the
others once a second: nothing here needs Redis, so nothing waits for it.
"""

import io
import logging
import threading
import time
from typing import Any

from django.core.management import call_command
from django.db import DatabaseError, close_old_connections
from django.utils import timezone
from huey import MemoryHuey, crontab
from huey import signals as told
from huey.consumer import Consumer, Scheduler
from structlog.contextvars import bound_contextvars

from botv2 import metrics
from dashboard.models import Account
from dashboard.pushes.follow import accounts_behind, pushes_follow
from dashboard.pushes.send import pushes_send
from dashboard.rollups.follow import NAME, rollups_follow
from dashboard.services.removal import accounts_erase
from realtime.standing import WORKER, behind, pulse

ERASED = 100_000  # rows a minute
PULSE = 10.0  # seconds
LOOK = 1.0  # seconds
AGAIN = 60.0  # seconds until what failed is tried again

logger = logging.getLogger(__name__)
huey = MemoryHuey("botv2", results=False)
_queued: set[str] = set()
_failed: dict[str, float] = {}  # when it may be tried again
_begun: dict[str, float] = {}


@huey.task()
def roll_up(key: str) -> None:
    """Bring the rollups of one account up to date."""
    close_old_connections()
    _queued.discard(key)
    _failed[key] = time.monotonic() + AGAIN
    account = Account.objects.kept().filter(stream_key=key).first()
    if account is not None:
        with bound_contextvars(account=account.slug):
            rollups_follow(account)
    del _failed[key]


@huey.periodic_task(crontab(minute="*"))
def erase() -> None:
    """Go on deleting the rows of removed accounts, for some seconds: rollups wait for the same worker."""
    close_old_connections()
    accounts_erase(most=ERASED)


@huey.periodic_task(crontab(minute="7"))
def purge() -> None:
    """Forget what is past its time."""
    close_old_connections()
    call_command("purge", stdout=io.StringIO())


class Watcher(Scheduler):
    """Looks once a second who has news, and says once in a while that it does."""

    pulse_at = 0.0
    failing = False

    def loop(self, now: Any = None) -> None:
        try:
            close_old_connections()
            self.look()
            self.failing = False
        except DatabaseError as error:
            if not self.failing:
                self._logger.warning("the database does not answer (%s); looking again every second", error)
            self.failing = True
        super().loop(now)

    def look(self) -> None:
        now = time.monotonic()
        news = {key for key in behind(NAME) if key not in _queued and _failed.get(key, 0.0) <= now}
        for key in Account.objects.kept().filter(stream_key__in=news).values_list("stream_key", flat=True):
            _queued.add(key)
            roll_up(key)
        metrics.JOBS_QUEUED.set(huey.pending_count())
        if now >= self.pulse_at:
            pulse(WORKER, timezone.now())
            self.pulse_at = now + PULSE


@huey.signal(told.SIGNAL_EXECUTING)
def begun(signal: str, task: Any) -> None:
    _begun[task.id] = time.monotonic()


@huey.signal(told.SIGNAL_COMPLETE, told.SIGNAL_ERROR)
def ended(signal: str, task: Any, error: Any = None) -> None:
    metrics.JOBS.labels(task.name, "failed" if error else "done").inc()
    metrics.JOB_SECONDS.labels(task.name).observe(time.monotonic() - _begun.pop(task.id))


class Pusher(threading.Thread):
    """Pushes alerts to browsers, in a thread of its own: an alert must not wait for a long rollup."""

    def __init__(self) -> None:
        super().__init__(name="pusher", daemon=True)
        self.ended = threading.Event()

    def run(self) -> None:
        pause = 0.0
        while not self.ended.wait(pause):
            begun, pause = time.monotonic(), LOOK
            close_old_connections()
            try:
                for account in accounts_behind():
                    pushes_follow(account)
                if not pushes_send():
                    continue
                metrics.JOBS.labels("push", "done").inc()
            except Exception:  # whatever it is, the next alerts are tried again
                logger.exception("alerts were not pushed; trying again in %d seconds", AGAIN)
                metrics.JOBS.labels("push", "failed").inc()
                pause = AGAIN
            metrics.JOB_SECONDS.labels("push").observe(time.monotonic() - begun)


class Worker(Consumer):
    """Works off the queue in a thread of this process until SIGTERM; what runs then is finished."""

    scheduler_class = Watcher

    def __init__(self) -> None:
        super().__init__(
            huey, workers=1, initial_delay=0.1, max_delay=0.5, check_worker_health=False, graceful_signal="TERM"
        )
        self.pusher = Pusher()

    def start(self) -> None:
        super().start()
        self.pusher.start()

    def stop(self, graceful: bool = False) -> None:
        self.pusher.ended.set()
        super().stop(graceful)


class Embedded(Worker):
    """A worker inside a server, which has the signals to itself."""

    def _set_signal_handlers(self) -> None:
        pass
