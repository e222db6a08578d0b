"""Writes to the audit log off the caller's thread: what comes within half a second shares one transaction."""

import atexit
import logging
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from itertools import count, islice
from typing import Any, Final

from ai_monitoring.compliance.audit import AuditLog, Event, new_id
from ai_monitoring.forks import anew_in_child

INTERVAL: Final = 0.5
"""Seconds between writes: what a process that is killed may lose, and what a write under way takes."""
BOUND: Final = 10_000
"""Events that may wait while the disk does not take them; what comes beyond is lost and counted."""
_BATCH: Final = 500

logger = logging.getLogger("ai_monitoring.compliance")

_Waiting = tuple[str, int, str, str, Callable[[], Mapping[str, Any]]]


class AuditWriter:
    """Takes events for `log` and returns at once; `lost` is called with the number of those that were dropped."""

    def __init__(self, log: AuditLog, lost: Callable[[int], None]) -> None:
        self._log, self._lost = log, lost
        self.start_anew()
        anew_in_child(self)

    def put(self, action: str, subject: str, record: Callable[[], Mapping[str, Any]]) -> str | None:
        """Queue an event of now; `record` is called when it is written. The entry's id, None where it is lost."""
        if self._ended or len(self._waiting) >= BOUND:
            self._lost(1)
            return None
        identifier = f"{self._prefix}{next(self._number):x}"
        self._waiting.append((identifier, time.time_ns() // 1000, action, subject, record))
        if self._thread is None:
            self._start()
        return identifier

    def flush(self) -> bool:
        """Write what waits, now; whether nothing waits any more."""
        with self._writing:
            while self._waiting and self._write(list(islice(self._waiting, _BATCH))):
                pass
        return not self._waiting

    def close(self) -> None:
        """Write what waits and end; what cannot be written is lost."""
        atexit.unregister(self.close)
        self._ended = True
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        if not self.flush():
            self._lost(len(self._waiting))

    def start_anew(self) -> None:
        """As new: a forked process has none of its parent's threads, and what waits there is the parent's."""
        self._failing = self._ended = False
        self._waiting: deque[_Waiting] = deque()
        self._writing, self._starting, self._stop = threading.Lock(), threading.Lock(), threading.Event()
        self._thread: threading.Thread | None = None
        # Random once for a process: to ask the system for each entry would be a third of what `put` takes.
        self._prefix, self._number = new_id(), count()

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="ai-monitoring-audit", daemon=True)
                self._thread.start()
                atexit.register(self.close)

    def _run(self) -> None:
        while not self._stop.wait(INTERVAL):
            self.flush()

    def _write(self, batch: list[_Waiting]) -> bool:
        try:
            self._log.append([_event(waiting) for waiting in batch])
        except (sqlite3.Error, OSError) as error:
            if not self._failing:
                logger.error("The audit log cannot be written, and is tried again: %s", error)
            self._failing = True
            return False
        except Exception:
            self._one_by_one(batch)
        self._failing = False
        for _ in batch:
            self._waiting.popleft()
        return True

    def _one_by_one(self, batch: list[_Waiting]) -> None:
        """One of them cannot be written whatever the disk does: the others can."""
        for waiting in batch:
            try:
                self._log.append([_event(waiting)])
            except Exception:
                logger.error("An audit entry cannot be written", exc_info=True)
                self._lost(1)


def _event(waiting: _Waiting) -> Event:
    identifier, at, action, subject, record = waiting
    return Event(identifier, at, action, subject, record())
