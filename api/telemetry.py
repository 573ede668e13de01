"""What this package counts for whoever watches the installation."""

from collections.abc import Mapping

from django.db import transaction
from prometheus_client import Counter

INGESTED = Counter("botv2_ingest_items_total", "Items that bots reported, by what became of them.", ["view", "status"])


def count_ingested(view: str, summary: Mapping[str, int]) -> None:
    """Count, once the running transaction has committed, `summary` items by status."""

    def count() -> None:
        for status, number in summary.items():
            if number:
                INGESTED.labels(view, status).inc(number)

    transaction.on_commit(count, robust=True)
