"""The API against its own document: generated requests, valid and not, whose answers must be as it says.

    python -m tests.torture.fuzz --cases 50000 [--seed N] [--report fuzz.json] [--postgres]

Operations of programs are asked with a key, those that are for people alone with an owner's session. A run repeats
itself from its seed.
"""

import argparse
import json
import random
import re
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field, fields
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.core.transport import Response
from schemathesis.engine import from_schema
from schemathesis.engine.events import FatalError, NonFatalError, ScenarioFinished
from schemathesis.generation.case import Case
from schemathesis.specs.openapi.checks import negative_data_rejection

from dashboard.fields import PLACES, UNIT, dumps
from tests.server import Server
from tests.torture.crash import cluster

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "refused_or_told",
    "missing_required_header",
    "unsupported_method",
    "ignored_auth",
)
PERSON, PASSWORD = "person", "correct horse battery staple"
WHOLE = {"stateful": {"enabled": False}}
BOUNDED = WHOLE | {"coverage": {"enabled": False}}
CONFIRM_EVERY = 300.0
OPERATIONS = 80  # about so many share the cases


@schemathesis.serializer("application/json")
def plain_json(ctx: Any, value: Any) -> bytes:
    """Numbers go out in plain notation with at most 18 decimals: a refusal of the notation would hide all else."""
    if isinstance(value, bytes):
        return value
    try:
        return dumps(exact(value))
    except (TypeError, ValueError, ArithmeticError):
        return json.dumps(value, default=repr).encode()


def exact(value: Any) -> Any:
    if isinstance(value, float):
        rounded = round(Decimal(repr(value)), PLACES)
        # What is no whole number must not become one: it would be valid where the case says that it is not.
        return rounded if value.is_integer() or rounded % 1 else rounded + UNIT
    if isinstance(value, dict):
        return {name: exact(each) for name, each in value.items()}
    return [exact(each) for each in value] if isinstance(value, list) else value


@schemathesis.check
def refused_or_told(ctx: Any, response: Response, case: Case) -> bool | None:
    """Input that breaks the document is refused, or, in a list, named by what became of each item."""
    if response.status_code == 200 and isinstance(case.body, list | dict):
        summary = (json.loads(response.content).get("data") or {}).get("summary", {})
        if summary.get("invalid") or summary.get("conflict"):
            return None
    return negative_data_rejection(ctx, response, case)


@dataclass
class Found:
    """What was asked and answered; `faults` are answers that contradict the document."""

    seed: int
    cases: int = 0
    valid: int = 0
    valid_accepted: int = 0
    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    operations: Counter[str] = field(default_factory=Counter)
    faults: dict[str, str] = field(default_factory=dict)

    def hear(self, event: Any) -> None:
        if isinstance(event, ScenarioFinished):
            self.note(event.recorder)
        elif isinstance(event, NonFatalError):
            self.faults.setdefault(f"{event.label}: {type(event.value).__name__}", str(event.value))
        elif isinstance(event, FatalError):
            raise event.exception

    def note(self, recorder: Any) -> None:
        for key, node in recorder.cases.items():
            case, interaction = node.value, recorder.interactions.get(key)
            self.cases += 1
            self.operations[case.operation.label] += 1
            if interaction is None or interaction.response is None:
                continue
            status = interaction.response.status_code
            self.statuses[status] += 1
            if case.meta is not None and case.meta.generation.mode.is_positive:
                self.valid += 1
                self.valid_accepted += status < 400
            for check in recorder.checks.get(key, []):
                if check.failure_info is not None:
                    name = f"{case.operation.label} {check.name}: {check.failure_info.failure.title}"
                    self.faults.setdefault(name, f"{check.failure_info.failure}\n{check.failure_info.code_sample}")


class Person:
    """An owner of an account of their own, signed in."""

    def __init__(self, server: Server) -> None:
        server.manage("create_account", "people", "--name", "People")
        server.manage("create_user", PERSON, "--account", "people", "--role", "owner", BOTV2_PASSWORD=PASSWORD)
        self.client = httpx.Client(base_url=server.url, trust_env=False, timeout=30)
        form = self.client.get("/login").text
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form)
        assert token
        body = {"username": PERSON, "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
        assert self.client.post("/login", data=body, headers={"Referer": server.url}).status_code == 302
        self.confirmed = time.monotonic()

    @property
    def headers(self) -> dict[str, str]:
        cookies = {name: self.client.cookies[name] for name in ("session", "csrf")}
        text = "; ".join(f"{name}={value}" for name, value in cookies.items())
        return {"Cookie": text, "X-CSRFToken": cookies["csrf"]}

    def stay_confirmed(self) -> None:
        if time.monotonic() - self.confirmed > CONFIRM_EVERY:
            token = {"X-CSRFToken": self.headers["X-CSRFToken"]}
            answer = self.client.post("/api/session/confirm", json={"password": PASSWORD}, headers=token)
            # A throttle that generated passwords have filled lets the next one through after a minute.
            self.confirmed += CONFIRM_EVERY if answer.status_code == 200 else 10


def run(server: Server, *, examples: int, seed: int, phases: dict[str, Any], most: int | None = None) -> Found:
    """Ask until each operation had its examples, or until there were so many cases."""
    server.manage("create_account", "programs", "--name", "Programs")
    key = server.manage("create_api_key", "--account", "programs", "--scopes", "read,ingest,write").strip()
    program, person = {"Authorization": f"Bearer {key}"}, Person(server)
    described = httpx.get(f"{server.url}/api/schema", headers=program, trust_env=False).raise_for_status().json()
    found, started = Found(seed), time.monotonic()
    for for_people, headers in ((True, person.headers), (False, program)):
        config = {
            "seed": seed,
            "base-url": server.url,
            "headers": headers,
            "parameters": {"path.slug": "people"},
            "checks": {"enabled": False, **{name: {"enabled": True} for name in CHECKS}},
            "generation": {"max-examples": examples, "database": "none", "with-security-parameters": False},
            "phases": phases,
            "continue-on-failure": True,
            "suppress-health-check": ["all"],
            "output": {"sanitization": {"enabled": False}},
        }
        part = {**described, "paths": part_of(described["paths"], for_people)}
        schema = schemathesis.openapi.from_dict(part, config=SchemathesisConfig.from_dict(config))
        for event in from_schema(schema).execute():
            found.hear(event)
            person.stay_confirmed()
            if most is not None and found.cases >= most:
                break
    found.seconds = round(time.monotonic() - started, 1)
    return found


def part_of(paths: dict[str, Any], for_people: bool) -> dict[str, Any]:
    """The operations for people alone, or the others. Either caller has one account, so none is named."""
    found: dict[str, Any] = {}
    for path, methods in paths.items():
        for method, operation in methods.items():
            if ({"key": []} not in operation["security"]) == for_people:
                parameters = [each for each in operation["parameters"] if each["name"] != "account"]
                found.setdefault(path, {})[method] = {**operation, "parameters": parameters}
    return found


def told(found: Found) -> dict[str, Any]:
    """The summary, without what most operations have in common."""
    whole = {each.name: getattr(found, each.name) for each in fields(found)}
    fewest = min(found.operations.values(), default=0)
    return {**whole, "operations": len(found.operations), "fewest_of_an_operation": fewest, "checks": CHECKS}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--report", type=Path)
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    examples = max(1, options.cases // OPERATIONS)
    with tempfile.TemporaryDirectory(prefix="botv2-fuzz-") as name, cluster(Path(name), options.postgres) as servers:
        found = run(servers[0], examples=examples, seed=options.seed, phases=WHOLE, most=options.cases)
    text = json.dumps(told(found), indent=2)
    print(text)
    if options.report:
        options.report.write_text(text + "\n")
    sys.exit(1 if found.faults else 0)


if __name__ == "__main__":
    main()
