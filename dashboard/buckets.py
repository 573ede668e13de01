"""Token buckets: in this process, or in Redis where several processes serve."""

import logging
import threading
import time
from collections import OrderedDict

import redis
from django.conf import settings

logger = logging.getLogger(__name__)

MAX_BUCKETS = 10_000
REDIS_PAUSE = 5.0
TAKE = """
local rate, burst, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local at, level = unpack(redis.call('HMGET', KEYS[1], 'at', 'level'))
level = level and math.min(burst, tonumber(level) + math.max(0, now - tonumber(at)) * rate) or burst
local wait = 0
if level >= 1 then level = level - 1 else wait = (1 - level) / rate end
redis.call('HSET', KEYS[1], 'at', now, 'level', level)
redis.call('EXPIRE', KEYS[1], math.ceil(burst / rate) + 60)
return tostring(wait)
"""


class Buckets:
    """Bounded token buckets of this process; the least used one is forgotten first."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str, rate: float, burst: int, now: float) -> float:
        """Take one token; return the seconds to wait, 0 if there was one."""
        with self.lock:
            at, level = self.levels.pop(key, (now, float(burst)))
            level = min(burst, level + max(0.0, now - at) * rate)
            wait = 0.0 if level >= 1 else (1 - level) / rate
            self.levels[key] = (now, level - 1 if wait == 0 else level)
            if len(self.levels) > MAX_BUCKETS:
                self.levels.popitem(last=False)
            return wait


class SharedBuckets:
    """The same in Redis. While Redis does not answer each process counts for itself."""

    def __init__(self, url: str, fallback: Buckets) -> None:
        self.client = redis.Redis.from_url(url, socket_timeout=0.5, socket_connect_timeout=0.5)
        self.script = self.client.register_script(TAKE)
        self.fallback = fallback
        self.silent_until = 0.0

    def take(self, key: str, rate: float, burst: int, now: float) -> float:
        if time.monotonic() >= self.silent_until:
            try:
                return float(self.script(keys=[f"botv2:bucket:{key}"], args=[rate, burst, time.time()]))
            except redis.RedisError as error:
                self.silent_until = time.monotonic() + REDIS_PAUSE
                logger.warning("throttles are counted per process: %s", error)
        return self.fallback.take(key, rate, burst, now)


local_buckets = Buckets()
buckets: Buckets | SharedBuckets = (
    SharedBuckets(settings.REDIS_URL, local_buckets) if settings.REDIS_URL else local_buckets
)
