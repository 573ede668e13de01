"""Settings, files, disk and the address that people use."""

import os
import shutil
import ssl
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from django.conf import settings

from botv2.checks import configuration
from botv2.doctor import Finding, failure, ok, warning
from botv2.env import is_loopback

LEAST_FREE = 1024**3  # bytes
LEAST_SHARE = 0.05
SLOW_SYNC = 0.1  # seconds


def of_settings() -> Iterator[Finding]:
    problems = configuration()
    for problem in problems:
        yield failure(
            "settings", f"{problem.id}: {problem.msg}", "Correct the setting; docs/configuration.md says how."
        )
    if settings.DEBUG:
        yield warning("settings", "DEBUG is on.", "Set DEBUG=0 wherever others can reach the site.")
    if settings.SITE_SECURE and not settings.TRUSTED_PROXIES:
        yield warning(
            "settings", "SITE_URL is https, but no proxy is trusted, so every request looks like plain http.",
            "Set TRUSTED_PROXIES to the address nginx connects from, 127.0.0.1 on one machine.",
        )  # fmt: skip
    redis = urlsplit(settings.REDIS_URL)
    if settings.REDIS_URL and not redis.password and not is_loopback(redis.hostname or "localhost"):
        yield failure(
            "settings",
            "Redis is asked over the network without a password.",
            "Set requirepass in Redis and put the password into REDIS_URL.",
        )
    if not problems:
        yield ok("settings", f"BotV2 {settings.RELEASE} for {settings.SITE_URL}")


def of_files() -> Iterator[Finding]:
    data: Path = settings.DATA_DIR
    well = True
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        yield warning("permissions", "This runs as root.", "Run BotV2 as a user of its own; deploy/systemd does.")
    secret = data / "secrets.env"
    if secret.is_file() and stat.S_IMODE(secret.stat().st_mode) & 0o077:
        well = False
        yield failure("permissions", f"{secret} can be read by others.", f"chmod 600 {secret}")
    if not data.is_dir() or not os.access(data, os.R_OK | os.W_OK | os.X_OK):
        well = False
        yield failure(
            "permissions",
            f"{data} is not a folder that this user may write to.",
            "chown it to the user that runs BotV2, or set BOTV2_DATA.",
        )
    elif stat.S_IMODE(data.stat().st_mode) & 0o077:
        well = False
        yield failure("permissions", f"{data} is open to others.", f"chmod 700 {data}")
    if well:
        yield ok("permissions", f"{data} and the secrets in it are this user's own")


def of_disk() -> Iterator[Finding]:
    data: Path = settings.DATA_DIR
    usage = shutil.disk_usage(data)
    free = f"{usage.free / 1024**3:.1f} GiB of {usage.total / 1024**3:.1f} GiB are free"
    if usage.free < LEAST_FREE:
        yield failure(
            "disk",
            f"{free} where {data} lies.",
            "Make room now: without it nothing can be stored. `manage.py purge` forgets old events.",
        )
    elif usage.free < LEAST_SHARE * usage.total:
        yield warning("disk", f"{free} where {data} lies.", "Make room, or move BOTV2_DATA to a larger disk.")
    else:
        yield ok("disk", free)
    begun = time.monotonic()
    with tempfile.NamedTemporaryFile(dir=data, prefix=".doctor-") as file:
        file.write(b"x" * 4096)
        file.flush()
        os.fsync(file.fileno())
    if (took := time.monotonic() - begun) > SLOW_SYNC:
        yield warning(
            "disk",
            f"Writing 4 kB through to the disk took {took * 1000:.0f} ms.",
            "Every report waits for it: use an SSD, and no network file system for SQLite.",
        )


def of_site() -> Iterator[Finding]:
    """The site as people reach it, through whatever stands in front of it."""
    url = settings.SITE_URL
    try:
        answer = httpx.get(f"{url}/readyz", timeout=5, trust_env=True)
    except httpx.ConnectError as error:
        if isinstance(error.__context__ and error.__context__.__context__, ssl.SSLError) or "CERTIFICATE" in str(error):
            yield failure(
                "site",
                f"The certificate of {url} is not accepted: {error}",
                "Renew it; a self-made one has to be named by SSL_CERT_FILE.",
            )
            return
        yield failure("site", f"{url} cannot be reached: {error}", "Start the servers and nginx, or correct SITE_URL.")
        return
    except httpx.HTTPError as error:
        yield failure("site", f"{url} does not answer: {error!r}", "See the logs of nginx and of the HTTP processes.")
        return
    if answer.status_code != 200:
        yield failure(
            "site",
            f"{url}/readyz answers {answer.status_code}.",
            "502 or 504 come from nginx: are the HTTP processes running? 503 from BotV2: see `database` here.",
        )
    elif answer.json().get("status") != "ok":
        yield warning(
            "site",
            "The server is degraded: it cannot reach Redis.",
            "Start Redis; until then events are up to a second late.",
        )
    else:
        yield ok("site", f"{url} is ready")
