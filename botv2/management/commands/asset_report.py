"""`manage.py asset_report`: what was built, file by file, and the budget of each page."""

import json
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.checks import Tags
from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from dashboard.assets.report import File, View, files, views

MANIFEST = "assets.json"
LINE = "{:<52}{:>10}{:>10}{:>10}{:>10}"
VIEW = "{:<12}{:>9}{:>10}{:>10}{:>10}{:>10}  {}"


class Command(BaseCommand):
    help = "Print the sizes of what was built and write them to assets.json. Fails where a page is over its budget."
    requires_system_checks = [Tags.staticfiles, Tags.templates]

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.DEBUG:
            raise CommandError("DEBUG is on: files are served as they are, there is nothing to report.")
        try:
            built = files()
        except FileNotFoundError:
            raise CommandError("Nothing is built. Run `python manage.py build` first.") from None
        seen = views(built)
        self.print_files(built)
        self.print_views(seen)
        self.write(built, seen)
        if over := [view.page.name for view in seen if not view.within]:
            raise CommandError(f"Over budget: {', '.join(over)}")

    def print_files(self, built: list[File]) -> None:
        self.stdout.write(LINE.format("file", "original", "minified", "gzip", "brotli"))
        for file in built:
            if file.ours:
                self.stdout.write(self.sizes(file.path, [file]))
        self.stdout.write(self.sizes("ours", [file for file in built if file.ours]))
        self.stdout.write(self.sizes("of installed apps", [file for file in built if not file.ours]))
        self.stdout.write(self.sizes("all", built) + "\n")

    def sizes(self, name: str, of: list[File]) -> str:
        columns = ("original", "minified", "gzip", "brotli")
        return LINE.format(name, *(sum(getattr(file, column) for file in of) for column in columns))

    def print_views(self, seen: list[View]) -> None:
        self.stdout.write(
            "First views in bytes, the page itself included, without the font; then what comes right after it."
        )
        self.stdout.write(VIEW.format("page", "requests", "gzip", "brotli", "budget", "then", ""))
        for view in seen:
            verdict = "ok" if view.within else f"OVER by {view.gzip - view.page.budget}"
            sizes = (len(view.files) + 1, view.gzip, view.brotli, view.page.budget, view.then)
            self.stdout.write(VIEW.format(view.page.name, *sizes, verdict))

    def write(self, built: list[File], seen: list[View]) -> None:
        pages = [
            {
                "name": view.page.name,
                "gzip": view.gzip,
                "brotli": view.brotli,
                "budget": view.page.budget,
                "then": view.then,
            }
            for view in seen
        ]
        about = {
            "version": settings.RELEASE,
            "time": timezone.now().isoformat(timespec="seconds"),
            "mode": "production",
        }
        manifest = {**about, "files": [asdict(file) for file in built], "pages": pages}
        (settings.STATIC_ROOT / MANIFEST).write_text(json.dumps(manifest, indent=1))
