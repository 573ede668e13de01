"""Configuration: every setting of the product is declared, read and checked here, once.

Precedence: process environment, `.env` at the repository root, `$BOTV2_DATA/secrets.env`, default.
A bad value never stops the import: it becomes a `Problem`, which `botv2.checks` turns into a failed system check.
"""

import base64
import ipaddress
import os
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ

ROOT = Path(__file__).resolve().parent.parent
MADE = {  # by `init`, where it is given nowhere
    "SECRET_KEY": lambda: secrets.token_urlsafe(48),
    "KEY_PEPPER": lambda: secrets.token_urlsafe(48),
    "VAPID_PRIVATE_KEY": lambda: vapid_key(),
}
SECRET_NAMES = tuple(MADE)
LONG_SECRETS = ("SECRET_KEY", "KEY_PEPPER")
FILE_NAMES = (*SECRET_NAMES, "DATABASE_URL", "REDIS_URL", "METRICS_TOKEN")  # may be given as NAME_FILE
SAMPLE_SECRETS = ("changeme", "change-me", "secret", "super-secret", "insecure", "your-secret", "django-insecure")
MIN_SECRET = 50
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
MIN_TOKEN = 32
OWN_PATHS = frozenset(
    (
        "a accounts api csp-report go healthz invite language "
        "login logout metrics offline readyz reset sign-in static ws"
    ).split()
)


@dataclass(frozen=True)
class Problem:
    id: str
    message: str


@dataclass(frozen=True)
class Setting:
    """One setting: its name in the environment, how its text is read, its default and a line for the manual."""

    name: str
    read: Callable[[str], Any]
    default: Any
    help: str


class BadValue(ValueError):
    """The text of a setting cannot be read; the message completes `NAME ...`."""


def boolean(text: str) -> bool:
    word = text.strip().lower()
    if word in {"1", "true", "yes", "on"}:
        return True
    if word in {"0", "false", "no", "off", ""}:
        return False
    raise BadValue("must be one of 1, 0, true, false, yes, no, on, off")


def whole(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isascii() and text.strip().isdigit() and low <= int(text) <= high):
            raise BadValue(f"must be a whole number from {low} to {high}")
        return int(text)

    return read


def words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def hosts(text: str) -> list[str]:
    names = words(text)
    if not names or any("*" in name for name in names):
        raise BadValue("must name each host; * is not allowed")
    return names


def origins(text: str) -> list[str]:
    found = words(text)
    for origin in found:
        if not is_origin(origin):
            raise BadValue(f"holds {origin!r}, which is not scheme://host[:port]")
    return found


def is_origin(text: str) -> bool:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    bare = not (parts.path or parts.query or parts.fragment or parts.username)
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and bare and "*" not in text


def site_url(text: str) -> str:
    text = text.rstrip("/")
    if not is_origin(text):
        raise BadValue("must be scheme://host[:port] with http or https and no path")
    return text


def networks(text: str) -> list[str]:
    for part in words(text):
        try:
            ipaddress.ip_network(part)
        except ValueError:
            raise BadValue(f"holds {part!r}, which is not an IP address or network") from None
    return words(text)


def contact(text: str) -> str:
    if not text.startswith(("mailto:", "https://")) or any(char.isspace() or not char.isprintable() for char in text):
        raise BadValue("must begin with mailto: or https://")
    return text


def rate(text: str) -> tuple[float, int]:
    """`rate/burst`: requests a second and the size of the bucket."""
    left, slash, right = text.partition("/")
    try:
        per_second, burst = float(left), int(right)
    except ValueError:
        raise BadValue("must be RATE/BURST, as in 200/1000") from None
    if not slash or not 0 < per_second <= 1e6 or not 1 <= burst <= 10**7:
        raise BadValue("must be RATE/BURST with a positive rate and burst")
    return per_second, burst


def path_prefix(text: str) -> str:
    text = text.strip("/")
    if not text or not all(part.replace("-", "").replace("_", "").isalnum() for part in text.split("/")):
        raise BadValue("must be a path of letters, digits, - and _")
    if text.split("/")[0] in OWN_PATHS:
        raise BadValue("must not begin with a path that BotV2 uses itself")
    return text + "/"


def database_url(text: str) -> str:
    scheme = text.partition(":")[0]
    if scheme not in {"sqlite", "postgres", "postgresql"}:
        raise BadValue("must begin with sqlite:///, postgres:// or postgresql://")
    try:
        environ.Env.db_url_config(text)
    except ValueError as error:
        raise BadValue(f"is not an address: {error}") from None
    return text


def redis_url(text: str) -> str:
    if text and not text.startswith(("redis://", "rediss://", "unix://")):
        raise BadValue("must begin with redis://, rediss:// or unix://")
    try:
        _ = urlsplit(text).port
    except ValueError as error:
        raise BadValue(f"is not an address: {error}") from None
    return text


def token(text: str) -> str:
    if not (len(text) >= MIN_TOKEN and text.isascii() and text.isprintable() and " " not in text):
        raise BadValue(f"must be at least {MIN_TOKEN} printable ASCII characters without spaces")
    return text


def vapid_key() -> str:
    """A new private key on P-256 as 32 bytes in base64url."""
    from cryptography.hazmat.primitives.asymmetric import ec

    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return base64.urlsafe_b64encode(number.to_bytes(32, "big")).decode().rstrip("=")


def vapid(text: str) -> str:
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raw = b""
    if len(raw) != 32 or not 0 < int.from_bytes(raw, "big") < P256_ORDER:
        raise BadValue("must be a private key on P-256: 32 bytes in base64url")
    return text.rstrip("=")


def push_contact(text: str) -> str:
    mail = re.fullmatch(r"mailto:[^@\s]+@([\w-]+(\.[\w-]+)+|localhost)", text)
    if not mail and not re.fullmatch(r"https://[\w-]+\.[\w.-]+", text):
        raise BadValue("must be mailto:NAME@HOST or https://HOST")
    return text


def one_of(*choices: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text.upper() not in choices:
            raise BadValue(f"must be one of {', '.join(choices)}")
        return text.upper()

    return read


SETTINGS = (
    Setting("BOTV2_DATA", Path, ROOT / "var", "Folder of all state: database, secrets, collected static files."),
    Setting("PORT", whole(1, 65535), 8000, "Port that `make run` listens on, on 127.0.0.1."),
    Setting("DEMO", boolean, True, "Whether `make run` makes the demo account and starts its simulated bot."),
    Setting("SECRET_KEY", str, "", "Signs sessions and cursors; at least 50 characters. Made by `manage.py init`."),
    Setting(
        "KEY_PEPPER",
        str,
        "",
        "Keyed hash of API keys and recovery codes, key of stored second factors; at least 50 characters. "
        "Made by `manage.py init`.",
    ),
    Setting(
        "VAPID_PRIVATE_KEY",
        vapid,
        "",
        "Signs pushes to browsers; a private key on P-256 in base64url. Made by `manage.py init`.",
    ),
    Setting("PUSH_CONTACT", push_contact, None, "Whom push services turn to: mailto: or https://. Default: SITE_URL."),
    Setting("PUSH_TO_LOOPBACK", boolean, False, "Push to services on this machine over plain http. For tests."),
    Setting("SITE_URL", site_url, None, "Address people use. Default: http://127.0.0.1:PORT. https in production."),
    Setting("ALLOW_PLAIN_HTTP", boolean, False, "Accept an http SITE_URL that is not this machine."),
    Setting("DEBUG", boolean, False, "Readable assets and error pages. Never in production."),
    Setting("ALLOWED_HOSTS", hosts, None, "Host names answered. Default: the host of SITE_URL."),
    Setting(
        "DATABASE_URL", database_url, None, "Default: SQLite in BOTV2_DATA. PostgreSQL: postgres://user:pw@host/db."
    ),
    Setting("DB_POOL_SIZE", whole(1, 500), 16, "PostgreSQL connections of one process; at least its threads."),
    Setting("REDIS_URL", redis_url, "", "Channel layer and throttles shared by several processes."),
    Setting("CSRF_TRUSTED_ORIGINS", origins, None, "Origins that may post forms. Default: SITE_URL."),
    Setting("CORS_ALLOWED_ORIGINS", origins, [], "Other origins whose pages may call the API. Empty: none."),
    Setting("TRUSTED_PROXIES", networks, [], "Addresses or networks whose X-Forwarded-For and -Proto are believed."),
    Setting("ADMIN_PATH", path_prefix, "admin/", "Path of the Django admin."),
    Setting(
        "ADMIN_NETWORKS",
        networks,
        ["127.0.0.0/8", "::1"],
        "Addresses or networks that the admin answers; to others it is not there. Default: this machine.",
    ),
    Setting(
        "SECURITY_CONTACT",
        contact,
        "",
        "mailto: or https: address for reports of weaknesses, told by /.well-known/security.txt. Empty: no such page.",
    ),
    Setting("THROTTLE_INGEST", rate, (200.0, 1000), "RATE/BURST of writes, per key or user."),
    Setting("THROTTLE_READ", rate, (50.0, 500), "RATE/BURST of reads, per key or user."),
    Setting("LOGIN_ATTEMPTS", whole(1, 1000), 20, "Failed sign-ins of one address or one name before an hour's pause."),
    Setting("LOG_LEVEL", one_of("DEBUG", "INFO", "WARNING", "ERROR"), "INFO", "DEBUG, INFO, WARNING or ERROR."),
    Setting("LOG_FORMAT", one_of("JSON", "TEXT"), None, "JSON or TEXT. Default: JSON where SITE_URL is https."),
    Setting(
        "METRICS_TOKEN", token, "", "What a scraper of `/metrics` sends as Bearer; at least 32 characters. Empty: off."
    ),
)


@dataclass
class Config:
    """All settings, typed. `problems` holds what could not be read."""

    values: dict[str, Any]
    problems: list[Problem] = field(default_factory=list)

    def __getitem__(self, name: str) -> Any:
        return self.values[name]


def read_config(environment: Mapping[str, str] | None = None, *, env_file: Path | None = None) -> Config:
    """Read every setting. `environment` and `env_file` are parameters so that a test can give its own."""
    source = dict(os.environ if environment is None else environment)
    merge_file(source, env_file if env_file is not None else ROOT / ".env")
    merge_file(source, Path(source.get("BOTV2_DATA") or ROOT / "var") / "secrets.env")
    config = Config({})
    for setting in SETTINGS:
        config.values[setting.name] = read_one(setting, source, config.problems)
    fill_defaults(config)
    config.problems.extend(cross_check(config))
    return config


def merge_file(source: dict[str, str], path: Path) -> None:
    if path.is_file():
        read: dict[str, str] = {}
        file = type("EnvFile", (environ.Env,), {"ENVIRON": read})  # the library would write into os.environ
        file.read_env(str(path))  # type: ignore[attr-defined]
        for name, value in read.items():
            if name not in source or (name in SECRET_NAMES and not source[name]):
                source[name] = value


def read_one(setting: Setting, source: Mapping[str, str], problems: list[Problem]) -> Any:
    text = source.get(setting.name)
    if not text and setting.name in FILE_NAMES and (file := source.get(f"{setting.name}_FILE")):
        try:
            text = Path(file).read_text().strip()
        except OSError as error:
            problems.append(Problem("botv2.E002", f"{setting.name}_FILE cannot be read: {error.strerror}."))
    if text is None or (text == "" and setting.read is not boolean):
        return setting.default
    try:
        return setting.read(text)
    except BadValue as error:
        problems.append(Problem("botv2.E001", f"{setting.name} {error}."))
        return setting.default


def fill_defaults(config: Config) -> None:
    values = config.values
    values["BOTV2_DATA"] = Path(values["BOTV2_DATA"]).absolute()
    values["SITE_URL"] = values["SITE_URL"] or f"http://127.0.0.1:{values['PORT']}"
    site = urlsplit(values["SITE_URL"])
    values["LOG_FORMAT"] = values["LOG_FORMAT"] or ("JSON" if site.scheme == "https" else "TEXT")
    host = site.hostname or ""
    reachable = site.scheme == "https" and "." in host and not is_address(host)
    values["PUSH_CONTACT"] = values["PUSH_CONTACT"] or (f"https://{host}" if reachable else "mailto:owner@localhost")
    port = f":{site.port}" if site.port else ""
    names = [site.hostname or ""]
    if is_loopback(names[0]):
        names = list(dict.fromkeys([*names, "127.0.0.1", "localhost"]))
    values["SITE_ORIGINS"] = [f"{site.scheme}://{name}{port}" for name in names]
    values["ALLOWED_HOSTS"] = names if values["ALLOWED_HOSTS"] is None else values["ALLOWED_HOSTS"]
    if values["CSRF_TRUSTED_ORIGINS"] is None:
        values["CSRF_TRUSTED_ORIGINS"] = list(values["SITE_ORIGINS"])
    if values["DATABASE_URL"] is None:
        values["DATABASE_URL"] = f"sqlite:///{values['BOTV2_DATA'] / 'botv2.sqlite3'}"


def is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def cross_check(config: Config) -> Iterable[Problem]:
    for name in LONG_SECRETS:
        if problem := weak_secret(config[name]):
            yield Problem("botv2.E003", f"{name} {problem}. Run `python manage.py init` to have one made.")
    site = urlsplit(config["SITE_URL"])
    if site.scheme == "http" and not is_loopback(site.hostname or "") and not config["ALLOW_PLAIN_HTTP"]:
        yield Problem("botv2.E004", "SITE_URL is plain http to another machine. Use https, or set ALLOW_PLAIN_HTTP=1.")
    if config["DEBUG"] and not is_loopback(site.hostname or ""):
        yield Problem("botv2.E005", "DEBUG is on although SITE_URL is not this machine.")
    if config["PUSH_TO_LOOPBACK"] and not is_loopback(site.hostname or ""):
        yield Problem("botv2.E006", "PUSH_TO_LOOPBACK is on although SITE_URL is not this machine.")


def weak_secret(text: str) -> str | None:
    if not text:
        return "is not set"
    if len(text) < MIN_SECRET:
        return f"has {len(text)} characters; at least {MIN_SECRET} are needed"
    if text.lower().startswith(SAMPLE_SECRETS) or len(set(text)) < 10:
        return "is a sample value"
    return None


def ensure_secrets(data: Path, environment: Mapping[str, str]) -> list[str]:
    """Make the secrets that are given nowhere and keep them in `secrets.env` (0600). Return the names made."""
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = data / "secrets.env"
    known = dict(environment)
    merge_file(known, ROOT / ".env")
    merge_file(known, path)
    missing = [name for name in SECRET_NAMES if not known.get(name) and not known.get(f"{name}_FILE")]
    if missing:
        lines = "".join(f"{name}={MADE[name]()}\n" for name in missing)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "w") as file:
            os.fchmod(descriptor, 0o600)  # also where the file was there before
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())
    return missing
