# BotV2 as one image for every process: `http`, `sockets`, `worker`, or any command of manage.py.
FROM python:3.12-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
COPY requirements/base.txt requirements/base.txt
COPY client client
RUN python -m venv /venv && /venv/bin/pip install -r requirements/base.txt && /venv/bin/pip install --no-deps --force-reinstall ./client
COPY manage.py ./
COPY analytics analytics
COPY api api
COPY botv2 botv2
COPY dashboard dashboard
COPY locale locale
COPY realtime realtime
COPY static static
COPY templates templates
COPY deploy/gunicorn.conf.py deploy/gunicorn.conf.py
# Static files are part of the image; the secrets and the database they are made with are not.
RUN BOTV2_DATA=/app/var /venv/bin/python manage.py init \
    && rm -f var/botv2.sqlite3* var/secrets.env && mkdir -p var/metrics

FROM python:3.12-slim-bookworm
# pg_dump and pg_restore, for backups.
RUN apt-get update && apt-get install -y --no-install-recommends postgresql-client && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin botv2
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 BOTV2_DATA=/app/var LOG_FORMAT=JSON
WORKDIR /app
COPY --from=build /venv /venv
COPY --from=build /app /app
COPY deploy/docker-entrypoint /usr/local/bin/docker-entrypoint
RUN chown 10001:10001 var var/metrics && chmod 700 var && chmod 755 /usr/local/bin/docker-entrypoint
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["docker-entrypoint", "healthy"]
ENTRYPOINT ["docker-entrypoint"]
CMD ["http"]
