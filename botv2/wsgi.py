"""HTTP for a WSGI server (production: gunicorn)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "botv2.settings")
application = get_wsgi_application()

from botv2.checks import refuse_bad_settings  # noqa: E402  needs the apps

refuse_bad_settings()
