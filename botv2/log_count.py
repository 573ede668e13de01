"""How much is logged as a warning or worse. Apart from the other metrics, since logging is set up before any app."""

import logging

from prometheus_client import Counter

LINES = Counter("botv2_log_lines_total", "Warnings and errors in the logs.", ["level"])


class LogCounter(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        LINES.labels(record.levelname.lower()).inc()
