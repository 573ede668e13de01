"""Liveness and readiness, without telling anything of the inside."""

import asyncio
import logging

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

logger = logging.getLogger(__name__)


@require_safe
def live(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """200 when the database answers and is migrated. A channel layer that is gone costs latency only: `degraded`."""
    checks = {"database": database(), "channel_layer": layer()}
    status = "ok" if all(checks.values()) else "degraded" if checks["database"] else "unavailable"
    return JsonResponse({"status": status}, status=200 if checks["database"] else 503)


def database() -> bool:
    try:
        executor = MigrationExecutor(connection)
        return not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        logger.error("not ready: %s", error)
        return False


def layer() -> bool:
    async def send() -> None:
        found = get_channel_layer()
        assert found is not None
        await asyncio.wait_for(found.group_send("botv2.ready", {"type": "ready"}), 1)

    try:
        async_to_sync(send)()
    except Exception as error:  # a layer may fail in any way of its library
        logger.warning("channel layer: %s", error)
        return False
    return True
