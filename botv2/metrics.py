"""`/metrics` for Prometheus: what the processes of this machine counted, and where the log and its followers stand.

Off without METRICS_TOKEN. Label values come from the code, never from a request, so their number is bounded.
"""

from collections.abc import Iterator
from contextlib import suppress

from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from botv2 import metric_files
from realtime.standing import standing

REQUESTS = Counter("botv2_http_requests_total", "Requests answered.", ["method", "view", "status"])
REQUEST_SECONDS = Histogram(
    "botv2_http_request_seconds",
    "Time until the answer to a request began.",
    ["kind"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
JOBS_QUEUED = Gauge("botv2_jobs_queued", "Jobs that wait for the worker.", multiprocess_mode="livesum")
JOBS = Counter("botv2_jobs_total", "Jobs done.", ["job", "outcome"])
JOB_SECONDS = Histogram(
    "botv2_job_seconds", "Time a job took.", ["job"], buckets=(0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300)
)


class Standing(Collector):
    """What the database says at the moment of the question."""

    def describe(self) -> list[GaugeMetricFamily]:
        return []  # else the registry would collect to find out

    def collect(self) -> Iterator[GaugeMetricFamily]:
        with suppress(DatabaseError):  # the counters are of most use while the database is gone
            now = standing(timezone.now())
            yield gauge("botv2_log_streams", "Streams of the event log.", now.streams)
            yield gauge("botv2_log_head", "Events ever appended: the heads of all streams, added up.", now.head)
            yield gauge("botv2_log_kept", "Events that can be read.", now.kept)
            lag = GaugeMetricFamily(
                "botv2_follower_lag", "Events the follower has not handled, of its worst stream.", labels=["follower"]
            )
            for name, events in sorted(now.lags.items()):
                lag.add_metric([name], events)
            yield lag
            if now.worker_age is not None:
                yield gauge("botv2_worker_age_seconds", "Time since the worker was last at work.", now.worker_age)


def gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value=value)


def metrics(request: HttpRequest) -> HttpResponse:
    """For a scraper with `Authorization: Bearer METRICS_TOKEN` and for signed-in staff; to others it is not there."""
    token = settings.CONFIG["METRICS_TOKEN"]
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    is_scraper = scheme.lower() == "bearer" and constant_time_compare(given.strip().encode(), token.encode())
    if not token or not (is_scraper or request.user.is_staff):
        raise Http404
    folder = settings.DATA_DIR / "metrics"
    metric_files.clear_ended(folder)
    registry = CollectorRegistry()
    MultiProcessCollector(registry, str(folder))
    registry.register(Standing())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
