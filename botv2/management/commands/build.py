"""`manage.py build`: what a production server serves, in one step that fails rather than serve less."""

from typing import Any

from django.conf import settings
from django.core.checks import Tags
from django.core.management import BaseCommand, CommandError

from botv2.catalogues import compile_catalogues
from dashboard.assets.build import build


class Command(BaseCommand):
    help = "Compile translations; collect, minify, hash and compress static files. Fails where something is missing."

    requires_system_checks = [Tags.staticfiles, Tags.templates]  # an image is built before there are secrets

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.DEBUG:
            raise CommandError("DEBUG is on: files are served as they are, there is nothing to build.")
        compile_catalogues()
        try:
            build()
        except ValueError as error:
            raise CommandError(str(error)) from None
