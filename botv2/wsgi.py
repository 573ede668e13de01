"""HTTP for a WSGI server (production: gunicorn)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "botv2.settings")
application = get_wsgi_application()

from django.db import connections  # noqa: E402  these need the apps

from botv2.checks import refuse_bad_settings  # noqa: E402
from botv2.keeper import limit_requests  # noqa: E402

refuse_bad_settings()
limit_requests()
if connections["default"].vendor == "sqlite":
    # The threads of a WSGI server stay, so their connections may; those of PostgreSQL are in a pool.
    connections.settings["default"]["CONN_MAX_AGE"] = None
