"""What has to be done for the folder of compliance now and then: retention, verification, and its state as metrics.

Of all processes that share a folder one does it, the first; the lock passes on when that one ends.
"""

import fcntl
import logging
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from prometheus_client import CollectorRegistry

from ai_monitoring.compliance.audit import AuditLog, house_event
from ai_monitoring.compliance.erasures import COMPLETE, PARTIAL
from ai_monitoring.compliance.stores import Stores
from ai_monitoring.compliance.verdict import last_verdict
from ai_monitoring.compliance.verification import verify
from ai_monitoring.forks import anew_in_child
from ai_monitoring.metrics.instrument import instrument
from ai_monitoring.steady_clock import SteadyClock

LOCK: Final = "upkeep.lock"
CLOCK: Final = "clock.json"
ROUND_SECONDS: Final = 30.0
VERIFY_SECONDS: Final = 3_600.0
_PAUSE_SECONDS: Final = 0.02
_MICROSECONDS_A_DAY: Final = 86_400 * 10**6

logger = logging.getLogger("ai_monitoring.compliance")


class _StoppedError(Exception):
    """The process wants to end."""


class Upkeep:
    """A thread that looks after `stores` every 30 seconds, while no other process does."""

    def __init__(self, stores: Stores, retention_days: int, registry: CollectorRegistry) -> None:
        self._stores, self._days, self._registry = stores, retention_days, registry
        self._clock = SteadyClock(stores.folder / CLOCK, "audit", registry)
        self._erasures = {COMPLETE: 0, PARTIAL: 0}
        self._descriptor: int | None = None
        self._thread: threading.Thread | None = None
        self.start_anew()
        anew_in_child(self)

    def begin(self) -> None:
        """Show erasures at 0, and count from now on."""
        counter = instrument("ai_erasures_total", self._registry)
        for status in self._erasures:
            counter.prepare(status)
        try:
            # What ended before this process began is no news of it.
            self._erasures |= self._stores.erasures.counts()
        except (sqlite3.Error, OSError) as error:
            logger.error("The erasures of %s cannot be read: %s", self._stores.folder, error)

    def start(self) -> None:
        """Unless it runs already; a forked process calls this again."""
        if self._thread is None:
            with self._starting:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name="ai-monitoring-upkeep", daemon=True)
                    self._thread.start()

    def start_anew(self) -> None:
        """As new: a forked process has none of its parent's threads, and does not keep its lock."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
        self._stop, self._starting = threading.Event(), threading.Lock()
        self._thread = None

    def close(self) -> None:
        """End soon: a verification that is under way is given up."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with self._elected() as elected:
                    if elected:
                        self._serve()
            except OSError as error:
                logger.error("Upkeep of %s: %s", self._stores.folder, error)
            self._stop.wait(ROUND_SECONDS)

    def _serve(self) -> None:
        self.begin()
        while True:
            self.round()
            if self._stop.wait(ROUND_SECONDS):
                return

    def round(self) -> None:
        """One look; what fails is logged, and tried again at the next."""
        for step in (self._prune, self._verify, self._show):
            try:
                step()
            except _StoppedError:
                return
            except (sqlite3.Error, OSError) as error:
                logger.error("Upkeep of %s: %s", self._stores.folder, error)
            except Exception:  # whatever it is: the next round comes
                logger.error("Upkeep of %s", self._stores.folder, exc_info=True)

    def _prune(self) -> None:
        if self._clock.trusted(time.time()) and prune(self._stores.log, self._days):
            instrument("ai_audit_events_total", self._registry)["pruned"].inc()

    def _verify(self) -> None:
        broken = instrument("ai_audit_chain_broken", self._registry)[()]
        try:
            verdict = last_verdict(self._stores.log)
            if verdict is None or not 0 <= time.time() - verdict.at < VERIFY_SECONDS:
                verdict = verify(self._stores.log, pause=self._rest)
        except (sqlite3.Error, OSError):
            broken.set(1)  # a log that cannot be read proves nothing
            raise
        broken.set(0 if verdict.intact else 1)

    def _rest(self) -> None:
        if self._stop.wait(_PAUSE_SECONDS):
            raise _StoppedError

    def _show(self) -> None:
        counter = instrument("ai_erasures_total", self._registry)
        for status, count in self._stores.erasures.counts().items():
            counter[status].inc(max(0, count - self._erasures.get(status, 0)))
            self._erasures[status] = count
        instrument("ai_erasures_pending", self._registry)[()].set(len(self._stores.erasures.pending()))
        count, oldest = self._stores.log.extent()
        instrument("ai_audit_entries", self._registry)[()].set(count)
        instrument("ai_audit_oldest_entry_timestamp_seconds", self._registry)[()].set(oldest / 1e6)

    @contextmanager
    def _elected(self) -> Iterator[bool]:
        self._descriptor = descriptor = os.open(self._stores.folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            yield _locked(descriptor)
        finally:
            fcntl.flock(descriptor, fcntl.LOCK_UN)  # whoever else may have inherited it
            self._descriptor = None
            os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def prune(log: AuditLog, days: int) -> int:
    """Delete entries older than so many days, and note it in the log; how many those were."""
    count = log.prune(time.time_ns() // 1000 - days * _MICROSECONDS_A_DAY)
    if count:
        log.append([house_event("pruned", {"entries": count, "retention_days": days})])
    return count
