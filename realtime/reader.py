"""Database reads off the event loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connections

from realtime.gate import Refused

T = TypeVar("T")


class Reader:
    """One thread with its own database connection, which it keeps until something goes wrong."""

    def __init__(self, name: str) -> None:
        self.pool = ThreadPoolExecutor(1, thread_name_prefix=name)

    async def run(self, function: Callable[..., T], *args: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self.pool, self.call, function, args)

    @staticmethod
    def call(function: Callable[..., T], args: tuple[object, ...]) -> T:
        try:
            return function(*args)
        except Refused:
            raise
        except Exception:
            connections.close_all()  # the next call gets a fresh one
            raise

    async def close(self) -> None:
        await self.run(connections.close_all)
        self.pool.shutdown(wait=False)
