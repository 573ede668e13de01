"""Settings of the tests: the product's own, in an environment that nothing outside the tests can change.

BOTV2_TEST_BACKEND=postgres runs on TEST_DATABASE_URL and TEST_REDIS_URL instead of SQLite and the in-memory layer.
"""

import os
import tempfile
import uuid
from pathlib import Path

from tests.isolation import isolated

POSTGRES = os.environ.get("BOTV2_TEST_BACKEND") == "postgres"
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
# Only named here: tests/conftest.py makes and removes it, because the type checker reads these settings too.
SCRATCH = Path(tempfile.gettempdir()) / f"botv2-test-{uuid.uuid4().hex}"


def redis_of_worker(url: str) -> str:
    """Workers run at once and must not share throttles, so each has a database of its own unless the URL names one."""
    bare = url.rstrip("/")
    number = 12 + int(WORKER.removeprefix("gw") or 0) % 4 if WORKER else 11
    return f"{bare}/{number}" if bare.count("/") == 2 else bare


os.environ.update(
    isolated(
        {
            "BOTV2_DATA": SCRATCH,
            "LOG_LEVEL": "WARNING",
            "DATABASE_URL": os.environ["TEST_DATABASE_URL"] if POSTGRES else "",
            "REDIS_URL": redis_of_worker(os.environ["TEST_REDIS_URL"]) if POSTGRES else "",
        }
    )
)

from botv2.settings import *  # noqa: E402, F403
from botv2.settings import CHANNEL_LAYERS, DATABASES, SITE_ORIGINS, STORAGES  # noqa: E402

# A file, because in-memory SQLite is seen by one thread alone; a name of its own, because runs may share a server.
DATABASES["default"]["TEST"] = {"NAME": f"test_botv2_{os.getpid()}" if POSTGRES else str(SCRATCH / "test.sqlite3")}
if POSTGRES:
    CHANNEL_LAYERS["default"]["CONFIG"]["prefix"] = f"botv2-test-{uuid.uuid4().hex}"

STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
COMPRESS_ENABLED = COMPRESS_OFFLINE = False
WHITENOISE_AUTOREFRESH = True  # nothing is collected
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
CSRF_TRUSTED_ORIGINS = [*SITE_ORIGINS, "http://testserver"]
