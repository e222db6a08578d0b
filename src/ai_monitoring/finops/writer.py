"""Writes entries to the ledger on a thread of its own, many in one commit, so that a request never waits for a disk."""

import atexit
import logging
import threading
import time
from collections import deque
from collections.abc import Iterable
from typing import Final
from weakref import WeakSet

from prometheus_client import REGISTRY, CollectorRegistry

from ai_monitoring.finops.database import LedgerError
from ai_monitoring.finops.entry import Entry
from ai_monitoring.finops.ledger import Ledger
from ai_monitoring.finops.tally import Tally
from ai_monitoring.forks import anew_in_child
from ai_monitoring.metrics.instrument import instrument

logger = logging.getLogger("ai_monitoring.finops")

MOST_WAITING: Final = 10_000
"""Entries in memory, some 6 MB."""

_BATCH = 500
_GATHER = 0.05
_REFRESH = 5.0
_REFRESH_LEAST = 1.0
_RETRY = 1.0


class LedgerWriter:
    """Books entries in the ledger at `url` within a fraction of a second, and keeps `tally` up to date with it.

    A ledger that does not answer is tried again and again. Lost, and counted under
    `ai_monitoring_ledger_entries_total`, is what comes while `MOST_WAITING` wait and what still waits after `close`,
    which the end of the process calls too; and without a count what waited in a process that was killed.
    """

    def __init__(self, url: str, tally: Tally, registry: CollectorRegistry = REGISTRY) -> None:
        self._url = url
        self._tally = tally
        self._outcomes = instrument("ai_monitoring_ledger_entries_total", registry)
        self._waiting = instrument("ai_monitoring_ledger_entries_waiting", registry)[()]
        for outcome in ("booked", "known", "lost"):
            self._outcomes.prepare(outcome)
        self._refreshed = 0.0
        self.start_anew()
        self._start()
        anew_in_child(self)
        _writers.add(self)

    def submit(self, entry: Entry) -> None:
        """Leave an entry to be booked; returns at once."""
        with self._changed:
            if self._closed or len(self._entries) >= MOST_WAITING:
                self._lose([entry])
                return
            self._start()
            self._entries.append(entry)
            if len(self._entries) == 1:
                self._changed.notify()

    def wait_until_read(self, seconds: float) -> bool:
        """Whether the ledger said how the budgets stand, within that time."""
        return self._read.wait(seconds)

    def close(self, seconds: float = 5.0) -> None:
        """Book what waits, for so long; the rest is lost."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(seconds)
        with self._changed:
            self._lose(self._entries)
            self._entries.clear()

    def start_anew(self) -> None:
        """In a child process, which has its parent's queue, but neither its thread nor whoever would free its locks."""
        self._entries: deque[Entry] = deque()
        self._changed = threading.Condition()
        self._read = threading.Event()
        self._closed = False
        self._thread: threading.Thread | None = None
        self._tally.unlock()

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="ai-monitoring-ledger", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        ledger: Ledger | None = None
        troubled = False
        while True:
            self._gather()
            try:
                ledger = ledger or Ledger(self._url)
                self._book(ledger)
                troubled = False
            except Exception as error:  # whatever it is: the thread goes on
                if not troubled:
                    _complain(error)
                troubled = True
            if self._closed and (troubled or not self._entries):
                break
            if troubled:
                time.sleep(_RETRY)
        if ledger is not None:
            ledger.close()

    def _gather(self) -> None:
        """Wait for an entry, and a moment for those that come with it."""
        with self._changed:
            if not self._entries and not self._closed and self._read.is_set():
                self._changed.wait(_REFRESH if self._tally else None)
        if self._entries and not self._closed and len(self._entries) < _BATCH:
            time.sleep(_GATHER)

    def _book(self, ledger: Ledger) -> None:
        batch = [self._entries[at] for at in range(min(len(self._entries), _BATCH))]
        if batch:
            self._written(ledger, batch)
            with self._changed:
                for _ in range(min(len(batch), len(self._entries))):
                    self._entries.popleft()
        self._waiting.set(len(self._entries))
        if time.monotonic() - self._refreshed >= _REFRESH_LEAST or not self._read.is_set():
            self._tally.refresh(ledger, time.time())
            self._refreshed = time.monotonic()
            self._read.set()

    def _written(self, ledger: Ledger, batch: list[Entry]) -> None:
        """A batch that cannot be written at all is lost, so that the next one is written. Raises LedgerError."""
        try:
            new = ledger.book(*batch)
        except LedgerError:
            raise
        except Exception:
            logger.exception("%s entries cannot be booked", len(batch))
            self._lose(batch)
            return
        self._outcomes["booked"].inc(new)
        self._outcomes["known"].inc(len(batch) - new)
        self._tally.settle(batch)

    def _lose(self, entries: Iterable[Entry]) -> None:
        lost = list(entries)
        self._outcomes["lost"].inc(len(lost))
        self._tally.settle(lost)


def _complain(error: Exception) -> None:
    if isinstance(error, LedgerError):
        logger.error("%s", error)
    else:
        logger.error("The ledger cannot be used: it is tried again and again", exc_info=error)


_writers: WeakSet[LedgerWriter] = WeakSet()


def _close() -> None:
    for writer in list(_writers):
        writer.close()


atexit.register(_close)
