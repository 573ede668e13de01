"""gunicorn for the HTTP processes: `gunicorn -c deploy/gunicorn.conf.py --bind 127.0.0.1:8001 botv2.wsgi`.

One process with threads each. Start two or more, so that one serves while the other restarts: restart the process, not
by HUP, which would go on with the old code.
"""

import os

workers = 1
preload_app = True  # before anybody can connect, who would wait for it
worker_class = "gthread"
threads = int(os.environ.get("HTTP_THREADS", "8"))
# Longer than nginx keeps an idle connection (60 s), so that it is never we who close it under a request.
keepalive = 75
timeout = 60
graceful_timeout = 30
backlog = 2048
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None
# Whom X-Forwarded-* is believed is TRUSTED_PROXIES' business alone.
forwarded_allow_ips = ""
accesslog = None
loglevel = "warning"
