"""`manage.py doctor`: check a running installation and say what to do."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from botv2.doctor import Finding, State, data, examine, machine

CHECKS = {
    "settings": machine.of_settings,
    "permissions": machine.of_files,
    "disk": machine.of_disk,
    "database": data.of_database,
    "log": data.of_log,
    "audit": data.of_audit,
    "clock": data.of_clock,
    "layer": data.of_layer,
    "worker": data.of_worker,
    "site": machine.of_site,
}


class Command(BaseCommand):
    help = "Check a running installation and say what to do. Exit code 1 if something is broken, 0 with warnings only."
    requires_system_checks: list[str] = []  # a bad setting is a finding, not the end

    def add_arguments(self, parser: CommandParser) -> None:
        names = list(CHECKS)
        parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="CHECK", help=", ".join(names))
        parser.add_argument("--json", action="store_true", help="For programs: a list of objects.")

    def handle(self, *args: Any, **options: Any) -> None:
        findings = []
        for finding in examine({name: check for name, check in CHECKS.items() if name in options["only"]}):
            findings.append(finding)
            if not options["json"]:
                self.tell(finding)
        if options["json"]:
            self.stdout.write(json.dumps([vars(each) | {"state": each.state.value} for each in findings], indent=2))
        if any(finding.state is State.FAILURE for finding in findings):
            raise SystemExit(1)

    def tell(self, finding: Finding) -> None:
        paint = {State.OK: self.style.SUCCESS, State.WARNING: self.style.WARNING, State.FAILURE: self.style.ERROR}
        self.stdout.write(f"{paint[finding.state](f'{finding.state.value:<8}')} {finding.check:<12} {finding.said}")
        if finding.todo:
            self.stdout.write(f"{'':<21} > {finding.todo}")
