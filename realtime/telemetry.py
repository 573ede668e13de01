"""What this package counts for whoever watches the installation. Label values are words of the code."""

from prometheus_client import Counter, Gauge, Histogram

PUBLISHED = Counter("botv2_events_published_total", "Events committed to the log.", ["type"])
HINTS_FAILED = Counter("botv2_hints_failed_total", "Times that the channel layer did not take a hint.")
FAILURES = Counter("botv2_hub_failures_total", "Times that something a hub does by itself went wrong.", ["what"])
SOCKETS = Gauge("botv2_sockets", "Open sockets that were let in.", multiprocess_mode="livesum")
CLOSED = Counter("botv2_sockets_closed_total", "Sockets closed by the server, by close code.", ["code"])
DELIVERY_SECONDS = Histogram(
    "botv2_delivery_seconds",
    "Age of the oldest event of a page when its process hands it to the sockets.",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2.5, 5, 10),
)
SEND_SECONDS = Histogram(
    "botv2_socket_send_seconds",
    "Time until the operating system took a frame.",
    buckets=(0.0001, 0.001, 0.01, 0.1, 0.5, 1, 5, 10),
)
