"""The files in deploy/ and compose.yaml say the same as the code: commands, settings, structure."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands

from botv2.env import FILE_NAMES, ROOT, SETTINGS
from tools.stack import SERVERS

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
OURS = {name: each for name, each in COMPOSE["services"].items() if "build" in each}
UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))


def test_compose_has_the_structure_of_the_stack() -> None:
    assert set(OURS) == {*SERVERS, "worker", "migrate"}
    assert set(COMPOSE["services"]) - set(OURS) == {"nginx", "postgres", "redis"}
    assert {name: each["command"] for name, each in OURS.items() if name in SERVERS} == {
        name: [name.partition("-")[0]] for name in SERVERS
    }
    published = {name for name, each in COMPOSE["services"].items() if "ports" in each}
    assert published == {"nginx"} and COMPOSE["networks"]["inside"]["internal"]


@pytest.mark.parametrize("name", OURS)
def test_our_containers_may_do_little(name: str) -> None:
    service = OURS[name]
    assert service["read_only"] and service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"] and service["networks"] == ["inside"]
    known = {setting.name for setting in SETTINGS} | {f"{each}_FILE" for each in FILE_NAMES} | {"HTTP_THREADS"}
    assert set(service["environment"]) <= known
    files = {value for key, value in service["environment"].items() if key.endswith("_FILE")}
    assert files == {f"/run/secrets/{each}" for each in service["secrets"]} and set(service["secrets"]) <= set(
        COMPOSE["secrets"]
    )


def test_the_image_is_not_root_and_knows_its_health() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert "USER 10001:10001" in lines
    assert any(line.startswith("HEALTHCHECK") for line in lines)
    copied = {
        part for line in lines if line.startswith("COPY ") and "--from" not in line for part in line.split()[1:-1]
    }
    assert all((ROOT / path).exists() for path in copied)
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert ignored[0] == "*" and {line[1:] for line in ignored if line.startswith("!")} == copied
    assert not {"tests", ".git", "."} & copied


def test_each_command_that_is_named_exists() -> None:
    texts = [path.read_text() for path in (*UNITS, ROOT / "deploy" / "docker-entrypoint")]
    named = {name for text in texts for name in re.findall(r"manage\.py ([a-z_]+)", text)}
    assert {"sockets", "work", "init", "backup"} <= named <= set(get_commands())


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_units_run_as_nobody_special(unit: Path) -> None:
    text = unit.read_text()
    for line in ("User=botv2", "NoNewPrivileges=yes", "ProtectSystem=strict", "UMask=0077", "CapabilityBoundingSet="):
        assert line in text.splitlines()


def test_the_entrypoint_is_a_program_and_refuses_what_is_unknown(tmp_path: Path) -> None:
    script = ROOT / "deploy" / "docker-entrypoint"
    assert os.access(script, os.X_OK)
    fake = tmp_path / "python"
    fake.write_text('#!/bin/sh\necho "$@"\n')
    fake.chmod(0o755)
    (tmp_path / "gunicorn").symlink_to(fake)
    said = {}
    for word in ("http", "sockets", "worker", "migrate", "doctor"):
        path = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
        said[word] = subprocess.run([script, word], env=path, capture_output=True, text=True, check=True).stdout.strip()
    assert said == {
        "http": "-c deploy/gunicorn.conf.py --bind 0.0.0.0:8000 botv2.wsgi",
        "sockets": "manage.py sockets --bind 0.0.0.0:8000",
        "worker": "manage.py work",
        "migrate": "manage.py init --no-static",
        "doctor": "manage.py doctor",
    }


def test_connections_of_all_processes_fit_into_postgres() -> None:
    pools = sum(int(each["environment"].get("DB_POOL_SIZE", 16)) for each in OURS.values() if each["restart"] != "no")
    most = re.search(r"max_connections=(\d+)", " ".join(COMPOSE["services"]["postgres"]["command"]))
    assert most and pools <= int(most[1]) - 10
    page = (ROOT / "docs" / "deploy.md").read_text()
    assert f"{pools} connections" in page
