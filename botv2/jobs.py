"""Background work. The queue only wakes it: what has to be done is read from the database, so a lost job is no loss."""

import io
import time

from django.conf import settings
from django.core.management import call_command
from django.db import close_old_connections
from huey import MemoryHuey, RedisHuey, crontab
from huey.consumer import Consumer

from dashboard.models import Account
from dashboard.rollups.follow import rollups_follow
from dashboard.services.removal import accounts_erase
from realtime import log

ERASED = 100_000  # rows a minute
PAUSE = 1.0  # seconds in which the events of an account are gathered

huey = RedisHuey("botv2", url=settings.REDIS_URL) if settings.REDIS_URL else MemoryHuey("botv2")
_woken: dict[str, float] = {}


@huey.task()
def roll_up(key: str) -> None:
    """Bring the rollups of one account up to date."""
    close_old_connections()
    account = Account.objects.kept().filter(stream_key=key).first()
    if account is not None:
        rollups_follow(account)


@huey.periodic_task(crontab(minute="*"))
def roll_up_all() -> None:
    """Follow what nobody woke us for: other processes, a kill between commit and wake-up."""
    close_old_connections()
    for account in Account.objects.kept().order_by("pk").iterator():
        rollups_follow(account)


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


def wake(key: str) -> None:
    """Have the account's rollups brought up to date in a second; calls until then are one."""
    now = time.monotonic()
    if now - _woken.get(key, -PAUSE) >= PAUSE:
        _woken[key] = now
        roll_up.schedule((key,), delay=PAUSE)


class Embedded(Consumer):
    """A consumer inside a server, which has the signals to itself."""

    def _set_signal_handlers(self) -> None:
        pass


def start() -> Embedded:
    """Work off the queue in threads of this process, and let every commit wake it."""
    consumer = Embedded(huey, workers=1, initial_delay=0.1, max_delay=1.0, check_worker_health=False)
    consumer.start()
    log.on_publish(wake)
    return consumer
