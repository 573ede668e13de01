"""What the files at the root promise."""

import re

import pytest

from botv2.env import ROOT, SETTINGS, read_config


@pytest.mark.parametrize("name", ["base", "dev"])
def test_requirements_are_exact_and_name_no_address(name: str) -> None:
    lines = (ROOT / "requirements" / f"{name}.txt").read_text().splitlines()
    own = ("-r base.txt", "-e ./client")
    pins = [line for line in lines if line and not line.startswith("#") and line not in own]
    assert pins
    for pin in pins:
        assert re.fullmatch(r"[A-Za-z0-9.-]+(\[[a-z,]+\])?==[0-9a-z.]+( ; .+)?", pin), pin


def test_env_example_names_every_setting_and_changes_none() -> None:
    example = ROOT / ".env.example"
    assert re.findall(r"^#([A-Z_0-9]+)=", example.read_text(), re.MULTILINE) == [setting.name for setting in SETTINGS]
    secrets = {"SECRET_KEY": "", "KEY_PEPPER": "", "BOTV2_DATA": "/nonexistent"}
    with_it, without = (read_config(secrets, env_file=path) for path in (example, ROOT / "no-such-file"))
    assert with_it.values == without.values


def test_env_example_shows_defaults_that_can_be_read() -> None:
    shown = dict(re.findall(r"^#([A-Z_0-9]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))
    config = read_config(shown, env_file=ROOT / "no-such-file")
    assert {problem.id for problem in config.problems} <= {"botv2.E003"}  # no secrets in the example
    defaults = read_config({}, env_file=ROOT / "no-such-file")
    for name in ("PORT", "SITE_URL", "ALLOWED_HOSTS", "THROTTLE_INGEST", "THROTTLE_READ", "ADMIN_PATH", "LOG_LEVEL"):
        assert config[name] == defaults[name], name
