"""`manage.py work`: the worker of an installation of several processes."""

from typing import Any

from django.core.management import BaseCommand

from botv2 import jobs
from botv2.checks import refuse_bad_settings


class Command(BaseCommand):
    help = "Follow the log and tidy up, until SIGTERM. `serve` does it by itself."

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_bad_settings()
        jobs.Worker().run()
