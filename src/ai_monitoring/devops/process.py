"""The operational dimension of a record: how the process that records it runs."""

import os
import time
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Final

from prometheus_client import REGISTRY, CollectorRegistry

from ai_monitoring.configuration import Configuration
from ai_monitoring.devops import environment as said
from ai_monitoring.devops.calls import RecentCalls
from ai_monitoring.devops.memory import Memory
from ai_monitoring.devops.reading import DevOpsReading, Health
from ai_monitoring.llm.errors import count_error

FRESH_SECONDS: Final = 5.0
"""So long a reading is given again: a record must not pay for it."""


class DevOps:
    """Reads its own process. From any thread; raises nothing, and asks nobody over a network.

    Of `configuration` nothing is read: services share that file, and what is told here is of one process.
    """

    def __init__(
        self,
        configuration: Configuration | None = None,
        registry: CollectorRegistry = REGISTRY,
        *,
        environment: Mapping[str, str] = os.environ,
        clock: Callable[[], float] = time.monotonic,
        memory: Memory | None = None,
    ) -> None:
        self._registry = registry
        self._environment = environment
        self._clock = clock
        self._memory = memory or Memory()
        self._calls = RecentCalls(registry)
        self._used = (clock(), time.process_time())
        self._lock = Lock()
        self._due = float("-inf")
        self._last = DevOpsReading()

    def reading(self) -> DevOpsReading:
        """The latest reading, at most five seconds old; who comes while another thread reads gets the one before."""
        if self._clock() >= self._due and self._lock.acquire(blocking=False):
            try:
                self._due = self._clock() + FRESH_SECONDS
                self._last = self._read()
            except Exception:
                count_error("devops", self._registry)
            finally:
                self._lock.release()
        return self._last

    def _read(self) -> DevOpsReading:
        now = self._clock()
        calls, failed = self._calls.look(now)
        return DevOpsReading(
            health=_health(calls, failed),
            availability=1 - failed / calls if calls else None,
            cpu_cores=self._cpu(now),
            memory_bytes=self._memory.used(),
            memory_limit_bytes=self._memory.limit(),
            gpus=said.gpus(self._environment),
            replicas=said.replicas(self._environment),
            deployment=said.deployment(self._environment),
        )

    def _cpu(self, now: float) -> float | None:
        """Processor time a second since the last reading; None at once after the first."""
        (before, used), now_used = self._used, time.process_time()
        if now <= before:
            return None
        self._used = (now, now_used)
        return (now_used - used) / (now - before)


def _health(calls: float, failed: float) -> Health:
    if not calls:
        return Health.UNKNOWN
    return Health.FAILING if failed >= calls else Health.OK
