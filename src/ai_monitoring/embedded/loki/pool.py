"""Queries run in a few threads, so that the server goes on answering; more than can wait are refused."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from ai_monitoring.embedded.loki.limits import Limits

T = TypeVar("T")


class BusyError(Exception):
    """Too many queries at once."""


class QueryPool:
    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._threads = ThreadPoolExecutor(limits.concurrent, "embedded-query")
        self._inside = 0

    async def run(self, work: Callable[[], T]) -> T:
        """The result of `work`, done in a thread. Raises BusyError instead of waiting behind too many others."""
        allowed = self._limits.concurrent + self._limits.waiting
        if self._inside >= allowed:
            raise BusyError(f"too many outstanding requests: {allowed} queries run or wait. Try again in a moment.")
        self._inside += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._inside -= 1

    def close(self) -> None:
        """Take no more work."""
        self._threads.shutdown(wait=False, cancel_futures=True)
