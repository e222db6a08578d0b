"""One reading for all who ask within a while."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Reading = TypeVar("Reading")


class Recent(Generic[Reading]):
    """The last reading, taken again when it is older than `seconds`: two Prometheus servers that scrape at the same
    moment cost what is read one reading.
    """

    def __init__(self, read: Callable[[], Awaitable[Reading]], seconds: float) -> None:
        self._read = read
        self._seconds = seconds
        self._lock = asyncio.Lock()
        self._reading: Reading | None = None
        self._fresh_until = 0.0

    async def read(self) -> Reading:
        async with self._lock:
            if self._reading is None or time.monotonic() >= self._fresh_until:
                self._reading = await self._read()
                self._fresh_until = time.monotonic() + self._seconds
            return self._reading
