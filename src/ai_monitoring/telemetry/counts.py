"""What becomes of log lines, counted; and said on stderr now and then, since a log line would be lost as well."""

import sys
from contextlib import suppress
from enum import StrEnum
from time import monotonic

from prometheus_client import REGISTRY, CollectorRegistry

from ai_monitoring.metrics.instrument import instrument

_SAY_EVERY = 60.0


class Reason(StrEnum):
    """Why a line will never arrive."""

    QUEUE_FULL = "queue_full"
    SPOOL_FULL = "spool_full"
    REJECTED = "rejected"
    SHUTDOWN = "shutdown"
    FAILED = "failed"


class LogCounts:
    """Counts lines under `ai_monitoring_log_records_…`. Raises nothing."""

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        self._shipped = instrument("ai_monitoring_log_records_shipped_total", registry)[()]
        self._lost = instrument("ai_monitoring_log_records_lost_total", registry)
        self._waiting = instrument("ai_monitoring_log_records_waiting", registry)[()]
        self._unsaid = 0
        self._reason = ""
        self._said_at = float("-inf")
        for reason in Reason:
            self._lost.prepare(reason.value)

    def shipped(self, lines: int) -> None:
        with suppress(Exception):
            self._shipped.inc(lines)

    def waiting(self, lines: int) -> None:
        with suppress(Exception):
            self._waiting.set(lines)

    def lost(self, lines: int, reason: Reason, why: str = "") -> None:
        if lines <= 0:
            return
        with suppress(Exception):
            self._lost[reason.value].inc(lines)
            self._unsaid += lines
            self._reason = f"{reason}: {why}" if why else reason.value

    def say(self) -> None:
        """On stderr, once a minute and at the end. Of the writer's thread: nobody may read stderr, and a caller of
        `lost` would wait for that.
        """
        now = monotonic()
        at_end = self._reason.startswith(Reason.SHUTDOWN)
        if self._unsaid and (at_end or now - self._said_at >= _SAY_EVERY):
            text = f"ai_monitoring: {self._unsaid} log lines are lost ({self._reason})"
            self._unsaid, self._said_at = 0, now
            with suppress(Exception):
                print(text, file=sys.stderr)
