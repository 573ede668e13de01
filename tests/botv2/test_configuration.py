"""Where settings come from, what is refused, and that the manual says it."""

import re
import secrets
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from botv2.checks import configuration
from botv2.env import MIN_SECRET, ROOT, SETTINGS, Config, ensure_secrets, read_config
from tests.isolation import isolated

GOOD = {name: secrets.token_urlsafe(48) for name in ("SECRET_KEY", "KEY_PEPPER")}


def read(folder: Path, file: str = "", **environment: str) -> Config:
    """The settings of this environment, of an .env that holds `file`, and of the data folder `folder`."""
    env_file = folder / "env"
    env_file.write_text(file)
    return read_config({"BOTV2_DATA": str(folder), **environment}, env_file=env_file)


def ids(config: Config) -> list[str]:
    return sorted(problem.id for problem in config.problems)


def test_precedence(tmp_path: Path) -> None:
    (tmp_path / "secrets.env").write_text(
        "SECRET_KEY=from-secrets\nKEY_PEPPER=from-secrets\nPORT=1003\nLOG_LEVEL=ERROR\n"
    )
    file = "SECRET_KEY=from-file\nPORT=1002\nADMIN_PATH=from-file\n"
    found = read(tmp_path, file, PORT="1001")
    assert (found["PORT"], found["ADMIN_PATH"], found["LOG_LEVEL"]) == (1001, "from-file/", "ERROR")
    assert (found["SECRET_KEY"], found["KEY_PEPPER"]) == ("from-file", "from-secrets")
    assert read(tmp_path, "")["PORT"] == 1003 and read(tmp_path / ".", "PORT=", PORT="")["PORT"] == 8000
    assert read(tmp_path, "", SECRET_KEY="")["SECRET_KEY"] == "from-secrets"


def test_defaults(tmp_path: Path) -> None:
    found = read(tmp_path, **GOOD)
    assert found.problems == []
    assert found["SITE_URL"] == "http://127.0.0.1:8000" and found["ALLOWED_HOSTS"] == ["127.0.0.1", "localhost"]
    assert found["DEBUG"] is False and found["DEMO"] is True and found["CORS_ALLOWED_ORIGINS"] == []
    assert found["DATABASE_URL"] == f"sqlite:///{tmp_path}/botv2.sqlite3"
    public = read(tmp_path, SITE_URL="https://bots.example/", **GOOD)
    assert public["ALLOWED_HOSTS"] == ["bots.example"] and public["CSRF_TRUSTED_ORIGINS"] == ["https://bots.example"]
    assert public["SITE_URL"] == "https://bots.example" and public.problems == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "http"),
        ("PORT", "８０"),
        ("PORT", "80.0"),
        ("DEBUG", "Treu"),
        ("DEBUG", "2"),
        ("DEMO", "maybe"),
        ("SITE_URL", "bots.example"),
        ("SITE_URL", "ftp://x"),
        ("SITE_URL", "https://x/path"),
        ("SITE_URL", "https://user@x"),
        ("SITE_URL", "https://x:abc"),
        ("ALLOWED_HOSTS", "*"),
        ("ALLOWED_HOSTS", "a,*.b"),
        ("DATABASE_URL", "mysql://x/y"),
        ("DATABASE_URL", "postgres://h:port/db"),
        ("DATABASE_URL", "db.sqlite3"),
        ("DB_POOL_SIZE", "0"),
        ("REDIS_URL", "127.0.0.1:6379"),
        ("REDIS_URL", "redis://h:port/0"),
        ("CSRF_TRUSTED_ORIGINS", "bots.example"),
        ("CSRF_TRUSTED_ORIGINS", "https://*.x"),
        ("CORS_ALLOWED_ORIGINS", "*"),
        ("CORS_ALLOWED_ORIGINS", "https://a/b"),
        ("TRUSTED_PROXIES", "proxy"),
        ("TRUSTED_PROXIES", "10.0.0.1/8"),
        ("TRUSTED_PROXIES", "*"),
        ("ADMIN_PATH", "/"),
        ("ADMIN_PATH", "../x"),
        ("ADMIN_PATH", "api"),
        ("ADMIN_PATH", "login/x"),
        ("ADMIN_PATH", "a b"),
        ("THROTTLE_INGEST", "200"),
        ("THROTTLE_INGEST", "0/10"),
        ("THROTTLE_READ", "nan/10"),
        ("THROTTLE_READ", "5/0"),
        ("THROTTLE_READ", "inf/5"),
        ("LOGIN_ATTEMPTS", "-1"),
        ("LOG_LEVEL", "LOUD"),
        ("ALLOW_PLAIN_HTTP", "si"),
        ("VAPID_PRIVATE_KEY", "x"),
        ("VAPID_PRIVATE_KEY", "A" * 43),
        ("PUSH_CONTACT", "me@bots.example"),
        ("PUSH_CONTACT", "http://bots.example"),
    ],
)
def test_a_bad_value_is_a_failed_check_and_never_stops_the_import(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str
) -> None:
    found = read(tmp_path, **{**GOOD, name: text})
    assert ids(found) == ["botv2.E001"] and found.problems[0].message.startswith(f"{name} ")
    monkeypatch.setattr(settings, "CONFIG", found)
    assert [error.id for error in configuration()] == ["botv2.E001"]


@pytest.mark.parametrize(
    ("secret", "why"),
    [
        ("", "not set"),
        ("short", "5 characters"),
        ("x" * (MIN_SECRET - 1), "49 characters"),
        ("x" * 60, "sample"),
        ("changeme" * 8, "sample"),
        ("django-insecure-" + "0123456789abcdefghij" * 2, "sample"),
        ("Your-Secret-Key-" + "0123456789" * 5, "sample"),
    ],
)
@pytest.mark.parametrize("name", ["SECRET_KEY", "KEY_PEPPER"])
def test_missing_short_and_sample_secrets(tmp_path: Path, name: str, secret: str, why: str) -> None:
    found = read(tmp_path, **{**GOOD, name: secret})
    assert ids(found) == ["botv2.E003"]
    assert found.problems[0].message.startswith(name) and why in found.problems[0].message
    assert not secret or secret not in found.problems[0].message


def test_a_secret_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(GOOD["SECRET_KEY"] + "\n")
    only = {"KEY_PEPPER": GOOD["KEY_PEPPER"]}
    assert read(tmp_path, SECRET_KEY_FILE=str(tmp_path / "key"), **only)["SECRET_KEY"] == GOOD["SECRET_KEY"]
    assert read(tmp_path, SECRET_KEY_FILE=str(tmp_path / "key"), SECRET_KEY="", **only).problems == []
    assert ids(read(tmp_path, SECRET_KEY_FILE=str(tmp_path / "none"), **only)) == ["botv2.E002", "botv2.E003"]


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"SITE_URL": "http://bots.example"}, ["botv2.E004"]),
        ({"SITE_URL": "http://bots.example", "ALLOW_PLAIN_HTTP": "1"}, []),
        ({"SITE_URL": "http://localhost:9000"}, []),
        ({"SITE_URL": "http://[::1]:9000"}, []),
        ({"SITE_URL": "https://bots.example", "DEBUG": "1"}, ["botv2.E005"]),
        ({"DEBUG": "yes"}, []),
        ({"SITE_URL": "https://bots.example", "PUSH_TO_LOOPBACK": "1"}, ["botv2.E006"]),
    ],
)
def test_settings_have_to_fit_each_other(tmp_path: Path, environment: dict[str, str], expected: list[str]) -> None:
    assert ids(read(tmp_path, **GOOD, **environment)) == expected


def test_secrets_are_made_once_and_are_the_owners_alone(tmp_path: Path) -> None:
    data = tmp_path / "new"
    assert ensure_secrets(data, {}) == ["SECRET_KEY", "KEY_PEPPER", "VAPID_PRIVATE_KEY"]
    file = data / "secrets.env"
    made = file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    for environment in ({}, {"SECRET_KEY": ""}, GOOD):
        assert ensure_secrets(data, environment) == [] and file.read_text() == made
    assert read(data).problems == [] and read(data, SECRET_KEY="").problems == []
    half = tmp_path / "half"
    half.mkdir()
    (half / "secrets.env").write_text(f"SECRET_KEY={GOOD['SECRET_KEY']}\n")
    (half / "secrets.env").chmod(0o644)
    assert ensure_secrets(half, {}) == ["KEY_PEPPER", "VAPID_PRIVATE_KEY"]
    assert read(half)["SECRET_KEY"] == GOOD["SECRET_KEY"] and read(half).problems == []
    assert stat.S_IMODE((half / "secrets.env").stat().st_mode) == 0o600


def run(tmp_path: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    wanted = isolated({"BOTV2_DATA": tmp_path, "DJANGO_SETTINGS_MODULE": "botv2.settings", **environment})
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=wanted, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"SECRET_KEY": ""}, "botv2.E003"),
        ({"SECRET_KEY": "changeme"}, "botv2.E003"),
        ({"PORT": "eighty", "DEBUG": "treu"}, "botv2.E001"),
        ({"DATABASE_URL": "postgres://h:port/db", "REDIS_URL": "redis://h:port"}, "botv2.E001"),
    ],
)
def test_a_bad_environment_fails_the_check_and_no_server_starts(
    tmp_path: Path, environment: dict[str, str], expected: str
) -> None:
    for command in (
        ("manage.py", "check"),
        ("-c", "import botv2.asgi"),
        ("-c", "import botv2.wsgi"),
        ("manage.py", "serve"),
    ):
        done = run(tmp_path, *command, **environment)
        assert done.returncode != 0, command
        assert expected in done.stdout + done.stderr, (command, done.stderr[-500:])
    assert not (tmp_path / "botv2.sqlite3").exists()


def test_a_good_environment_passes(tmp_path: Path) -> None:
    done = run(tmp_path, "manage.py", "check", "--deploy", "--fail-level", "WARNING", SITE_URL="https://bots.example")
    assert done.returncode == 0, done.stderr


def shown(value: Any) -> str:
    """A default as the manual writes it."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, tuple):
        return f"{value[0]:g}/{value[1]}"
    if isinstance(value, Path):
        return str(value.relative_to(ROOT))
    if isinstance(value, list):
        return ",".join(value)
    return "" if value is None else str(value)


def test_the_manual_has_every_setting_and_every_check() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text()
    rows = re.findall(r"^\| `([A-Z0-9_]+)` \| (?:`(.*?)`)? ?\| (.*) \|$", page, re.MULTILINE)
    assert rows == [(setting.name, shown(setting.default), setting.help) for setting in SETTINGS]
    source = (ROOT / "botv2" / "env.py").read_text()
    assert set(re.findall(r"botv2\.E\d{3}", page)) == set(re.findall(r"botv2\.E\d{3}", source))


def test_the_sample_file_has_every_setting() -> None:
    names = re.findall(r"^#?([A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert names == [setting.name for setting in SETTINGS]
