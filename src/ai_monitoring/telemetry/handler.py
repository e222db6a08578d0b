"""The logging handler: a call leaves its record in a queue, and one thread redacts, writes and ships."""

import json
import logging
import sys
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Lock, Thread, get_ident
from time import monotonic, sleep
from typing import TYPE_CHECKING

from ai_monitoring.forks import anew_in_child
from ai_monitoring.telemetry.capture import Captured, capture
from ai_monitoring.telemetry.counts import LogCounts, Reason
from ai_monitoring.telemetry.files import LogFile
from ai_monitoring.telemetry.lines import JSONLines, redacted
from ai_monitoring.telemetry.settings import LogSettings

if TYPE_CHECKING:
    from ai_monitoring.telemetry.shipping import Shipping

MAX_QUEUED = 50_000
"""Records between the callers and the writer."""

GATHERING = 0.01
"""Seconds that the writer lets records gather, so that it does not contend with a caller for each."""

_MAX_AT_ONCE = 1000
_CHILD_SECONDS = 3.0


class TelemetryHandler(logging.Handler):
    """Writes each record to standard output as JSON, to a file if asked for, and ships it if there is an endpoint.

    `emit` waits for nothing: a record that finds the queue full is lost, and counted. Raises OSError where the folder
    of the files or the spool cannot be written.
    """

    def __init__(self, settings: LogSettings, counts: LogCounts | None = None) -> None:
        super().__init__()
        self._settings = settings
        self._counts = counts or LogCounts()
        self._writer = _Writer(settings, self._counts)
        self._writer.open()
        self._starting = Lock()
        anew_in_child(self)

    def emit(self, record: logging.LogRecord) -> None:
        writer = self._writer
        if writer.ident == get_ident():
            return  # a line about a line would never end
        try:
            if writer.queue.qsize() < MAX_QUEUED:
                writer.queue.put(capture(record))
            else:
                self._counts.lost(1, Reason.QUEUE_FULL)
            if not writer.running:
                self._start(writer)
        except Exception:
            self._counts.lost(1, Reason.FAILED)

    def shut_down(self, seconds: float) -> None:
        """Write what waits, and ship for at most that long. A later record is written at once."""
        self._writer.stop(seconds)

    def _start(self, writer: "_Writer") -> None:
        # Never waits: a signal's handler may log while the thread that it interrupts is just starting.
        if self._starting.acquire(blocking=False):
            try:
                writer.start()
                _before_end_of_child(self.shut_down)
            finally:
                self._starting.release()

    def start_anew(self) -> None:
        """A forked process has none of its parent's threads, and what waits there is the parent's."""
        self._starting = Lock()
        self._writer.leave()
        self._writer = _Writer(self._settings, self._counts)


class _Writer:
    """Takes records from the queue in a thread of its own, which the first record starts."""

    def __init__(self, settings: LogSettings, counts: LogCounts) -> None:
        self.queue: SimpleQueue[Captured | None] = SimpleQueue()
        self.running = False
        self.ident: int | None = None
        self._settings = settings
        self._counts = counts
        self._line = JSONLines(settings.service)
        self._file: LogFile | None = None
        self._shipping: Shipping | None = None
        self._opened = False
        self._pending: list[Captured] = []
        self._due = 0.0
        self._thread: Thread | None = None
        self._stopped = False

    def open(self) -> None:
        """Take the files and the connection; a forked process does so with its first record."""
        if not self._opened:
            settings = self._settings
            self._file = LogFile(settings.folder, settings.service) if settings.folder else None
            self._shipping = _shipping(settings, self._counts)
            self._opened = True

    def start(self) -> None:
        if self._stopped:
            self._drain(wait=False)
        elif self._thread is None:
            self.open()
            self._thread = Thread(target=self._run, name="ai-monitoring-log-writer", daemon=True)
            self._thread.start()
            self.running = True

    def stop(self, seconds: float) -> None:
        if self._stopped:
            return
        self._stopped = True
        if self._thread is not None:
            self.queue.put(None)
            self._thread.join(seconds)
            if self._thread.is_alive():
                # Nobody reads standard output: waiting for it here would hold up the process's end for good.
                self._counts.lost(self.queue.qsize() - 1 + len(self._pending), Reason.SHUTDOWN)
                self._counts.say()
                return
        self.running = False
        self._drain(wait=False)
        self._ship()
        if self._shipping is not None:
            self._shipping.close(seconds)
        if self._file is not None:
            self._file.close()
        # A later record goes to standard output alone.
        self._shipping = self._file = None
        self._counts.waiting(0)
        self._counts.say()

    def leave(self) -> None:
        """Let go, in a forked process, of what stays its parent's."""
        if self._stopped:
            return
        if self._file is not None:
            self._file.leave()
        if self._shipping is not None:
            self._shipping.leave()

    def _run(self) -> None:
        self.ident = get_ident()
        while not self._stopped or not self.queue.empty():
            if self._drain(wait=True) < _MAX_AT_ONCE:
                sleep(GATHERING)
            if self._pending and monotonic() >= self._due:
                self._ship()
            self._counts.say()
            if self._shipping is not None:
                self._counts.waiting(self.queue.qsize() + len(self._pending) + self._shipping.waiting)

    def _drain(self, *, wait: bool) -> int:
        """Write what is in the queue; up to a second's wait for the first. Returns how many records there were."""
        records = []
        with suppress(Empty):
            first = self.queue.get(timeout=self._patience()) if wait else self.queue.get_nowait()
            records.append(first)
            while len(records) < _MAX_AT_ONCE:
                records.append(self.queue.get_nowait())
        found = [redacted(record) for record in records if record is not None]
        try:
            if found:
                self._write(found)
                self._keep(found)
        except Exception as error:
            self._counts.lost(len(found), Reason.FAILED, type(error).__name__)
        return len(found)

    def _patience(self) -> float:
        return max(0.0, min(1.0, self._due - monotonic())) if self._pending else 1.0

    def _write(self, records: list[Captured]) -> None:
        lines = [self._line(record) for record in records]
        with suppress(OSError, ValueError):  # nobody reads any more
            _print(lines)
        if self._file is not None:
            with suppress(OSError, ValueError):
                self._file.write(lines)

    def _keep(self, records: list[Captured]) -> None:
        if self._shipping is not None:
            if not self._pending:
                self._due = monotonic() + self._shipping.interval
            self._pending += records
            if len(self._pending) >= _MAX_AT_ONCE:
                self._ship()

    def _ship(self) -> None:
        if self._shipping is not None and self._pending:
            self._shipping.ship(self._pending)
            self._pending = []


def _before_end_of_child(finish: Callable[[float], None]) -> None:
    """A forked child of multiprocessing ends without what atexit knows."""
    process = sys.modules.get("multiprocessing.process")
    if process is not None and process.parent_process() is not None:
        from multiprocessing.util import Finalize

        Finalize(None, finish, args=(_CHILD_SECONDS,), exitpriority=-100)


def _print(lines: list[str]) -> None:
    """Whatever the encoding of standard output: what it cannot write is escaped, as JSON does."""
    output = sys.stdout
    if output is None:
        return
    try:
        output.write("".join(f"{line}\n" for line in lines))
    except UnicodeEncodeError:
        output.write("".join(f"{json.dumps(json.loads(line))}\n" for line in lines))
    output.flush()


def _shipping(settings: LogSettings, counts: LogCounts) -> "Shipping | None":
    """None without an endpoint: then nothing is sent, and nothing is alarmed."""
    if not settings.endpoint:
        return None
    try:
        from ai_monitoring.telemetry.shipping import Shipping
    except ImportError as error:
        raise ValueError(f"Logs over OTLP need {error.name}: pip install 'ai-monitoring[telemetry]'") from error
    return Shipping(settings, counts)
