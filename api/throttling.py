"""How much a key, a person or an address may ask."""

import math
import time
from typing import Any

from django.conf import settings
from rest_framework.throttling import BaseThrottle

from api.authentication import Program
from dashboard.buckets import buckets


class BucketThrottle(BaseThrottle):
    """Writes and reads have a bucket each, per key or user."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def allow_request(self, request: Any, view: Any) -> bool:
        reads = request.method in ("GET", "HEAD", "OPTIONS")
        rate, burst = settings.THROTTLE_READ if reads else settings.THROTTLE_INGEST
        self.seconds = buckets.take(f"{'r' if reads else 'w'}:{who_asks(request)}", rate, burst, time.monotonic())
        return self.seconds == 0

    def wait(self) -> float:
        return float(math.ceil(self.seconds))


def who_asks(request: Any) -> str:
    user = request.user
    if isinstance(user, Program):
        return f"key:{user.key.pk}"
    return f"user:{user.pk}" if user is not None else f"ip:{request.META.get('REMOTE_ADDR')}"
