"""Writing: one thread, one connection. What comes while a transaction runs shares the next one, and its fsync."""

import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Self

from ai_monitoring.embedded.store.counts import StoreCounts
from ai_monitoring.embedded.store.database import claimed, connected, create, explained, unpack
from ai_monitoring.embedded.store.errors import OverloadedError, StoreFullError, WriteError
from ai_monitoring.embedded.store.intake import Intake
from ai_monitoring.embedded.store.records import Line, Span
from ai_monitoring.embedded.store.retention import Keep, Retention
from ai_monitoring.embedded.store.roster import Roster
from ai_monitoring.embedded.store.scrub import Scrub, emptied
from ai_monitoring.sqlite_files import transaction

_RECORD_BYTES = 400
"""About what a line or a span takes beside its text."""
_PAIR_BYTES = 250
"""About what a label or an attribute takes beside its texts."""
_TRANSACTION_BYTES = 8 * 2**20
_LOG_PAGES = 2_000
"""The write-ahead log is copied into the file, and begun anew, after so many pages of 8 kB."""
_FULL = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_SHMSIZE)

logger = logging.getLogger("ai_monitoring.embedded")


@dataclass(frozen=True, slots=True, kw_only=True)
class WriterLimits:
    """Bytes that may wait to be written, how many streams there may be, and seconds between looks at retention."""

    queued_bytes: int = 16 * 2**20
    streams: int = 2_000
    sweep_seconds: float = 10.0


@dataclass(slots=True)
class _Job:
    lines: Sequence[Line]
    spans: Sequence[Span]
    size: int
    done: Future[None] = field(default_factory=Future)


@dataclass(slots=True)
class _Deletion:
    delete: Callable[[sqlite3.Connection], int]
    done: Future[int] = field(default_factory=Future)


class Writer:
    """Takes lines and spans inside a `with` block; what was taken is written before the block ends.

    Raises DatabaseError where the file cannot be used. `clock` tells nanoseconds since 1970, for retention.
    """

    def __init__(
        self,
        file: Path,
        keep: Keep | None = None,
        limits: WriterLimits | None = None,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self.counts = StoreCounts()
        self._file, self._keep, self._limits, self._clock = file, keep or Keep(), limits or WriterLimits(), clock
        self.roster = Roster(self._limits.streams)
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._deletions: queue.SimpleQueue[_Deletion] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="embedded-writer")
        self._ended = False

    def __enter__(self) -> Self:
        with ExitStack() as opened, explained(self._file):
            opened.enter_context(claimed(self._file))
            create(self._file)
            self._connection = opened.enter_context(connected(self._file))
            self._connection.execute(f"PRAGMA wal_autocheckpoint = {_LOG_PAGES}")
            self._connection.execute(f"PRAGMA journal_size_limit = {2 * _LOG_PAGES * 8192}")
            self.roster.add(unpack(labels) for (labels,) in self._connection.execute("SELECT labels FROM stream"))
            self._intake = Intake(self._connection)
            self._retention = Retention(self._connection, self._keep)
            self._scrub = Scrub(self._connection, self._file)
            self._measure()
            self._open = opened.pop_all()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._ended = True
            self._jobs.put(None)
        self._thread.join()
        self._open.close()

    def write_lines(self, lines: Sequence[Line]) -> Future[None]:
        """Done once the lines are on disk, or fails with a WriteError. Raises OverloadedError."""
        return self._put(_Job(lines, (), sum(map(_size_of_line, lines))))

    def write_spans(self, spans: Sequence[Span]) -> Future[None]:
        """Done once the spans are on disk, or fails with a WriteError. Raises OverloadedError."""
        return self._put(_Job((), spans, sum(map(_size_of_span, spans))))

    def delete(self, delete: Callable[[sqlite3.Connection], int]) -> Future[int]:
        """Let `delete` remove rows inside a transaction, after what was taken before; done once no query finds
        them. Their last pieces leave the file soon after deletions have come to rest.

        Fails with a WriteError. Raises OverloadedError. The result is what `delete` returns: how many rows.
        """
        deletion = _Deletion(delete)
        with self._lock:
            if self._ended:
                raise OverloadedError("The store is being closed: send this again once it is back.")
            self._deletions.put(deletion)
            self._jobs.put(_Job((), (), 0))  # wakes the thread
        return deletion.done

    def _put(self, job: _Job) -> Future[None]:
        with self._lock:
            if self._ended:
                raise OverloadedError("The store is being closed: send this again once it is back.")
            if self.counts.queued_bytes and self.counts.queued_bytes + job.size > self._limits.queued_bytes:
                self.counts.refuse("overloaded", len(job.lines) + len(job.spans))
                raise OverloadedError(
                    f"More than {self._limits.queued_bytes // 2**20} MB wait to be written: send this again later."
                )
            self.counts.queued_bytes += job.size
            self._jobs.put(job)
        return job.done

    def _run(self) -> None:
        due, wait = time.monotonic(), 0.0
        while True:
            ended, jobs = self._take(wait)
            if jobs:
                self._write(jobs)
            while not self._deletions.empty():
                self._delete(self._deletions.get_nowait())
            if ended:
                return
            if time.monotonic() >= due and not self._sweep():
                self._scrubbed()
                due = time.monotonic() + self._limits.sweep_seconds
            wait = max(0.0, due - time.monotonic())

    def _take(self, wait: float) -> tuple[bool, list[_Job]]:
        """What one transaction takes, waiting at most `wait` seconds for it; and whether nothing comes after it."""
        jobs: list[_Job] = []
        size = 0
        try:
            while size < _TRANSACTION_BYTES:
                job = self._jobs.get(timeout=wait) if wait and not jobs else self._jobs.get_nowait()
                if job is None:
                    return True, jobs
                jobs.append(job)
                size += job.size
        except queue.Empty:
            pass
        return False, jobs

    def _write(self, jobs: list[_Job]) -> None:
        # Whoever no longer waits for an answer sends it again.
        waiting = [job for job in jobs if job.done.set_running_or_notify_cancel()]
        if waiting and (error := self._commit(waiting)):
            # Together they may be too large, or one of them not writable: each has its own chance.
            for job in waiting:
                self._answer(job, self._commit([job]) if len(waiting) > 1 else error)
        else:
            for job in waiting:
                self._answer(job, None)
        with self._lock:
            # Until now they took memory.
            self.counts.queued_bytes -= sum(job.size for job in jobs)

    def _delete(self, deletion: _Deletion) -> None:
        if not deletion.done.set_running_or_notify_cancel():
            return
        try:
            self._scrub.owe()
            self._connection.execute("PRAGMA secure_delete = ON")
            with transaction(self._connection):
                count = deletion.delete(self._connection)
            clean = emptied(self._connection)
        except Exception as error:
            deletion.done.set_exception(self._explained(error))
            return
        finally:
            self._connection.execute("PRAGMA secure_delete = OFF")
            self._intake.forget()
        self.counts.deleted += count
        if clean:
            deletion.done.set_result(count)
        else:
            deletion.done.set_exception(WriteError(f"A query still reads {self._file}: send this again."))

    def _answer(self, job: _Job, error: WriteError | None) -> None:
        if error is None:
            job.done.set_result(None)
            return
        self.counts.refuse("full" if isinstance(error, StoreFullError) else "failed", len(job.lines) + len(job.spans))
        job.done.set_exception(error)

    def _commit(self, jobs: Sequence[_Job]) -> WriteError | None:
        try:
            with transaction(self._connection):
                lines = self._intake.lines(chain.from_iterable(job.lines for job in jobs))
                spans = self._intake.spans(chain.from_iterable(job.spans for job in jobs))
        except Exception as error:
            self._intake.forget()
            return self._explained(error)
        self.roster.add({line.labels for job in jobs for line in job.lines})
        self.counts.lines += lines
        self.counts.repeated += sum(len(job.lines) for job in jobs) - lines
        self.counts.spans += spans
        return None

    def _explained(self, error: Exception) -> WriteError:
        if isinstance(error, sqlite3.Error) and error.sqlite_errorcode in _FULL:
            return StoreFullError(
                f"There is no room left for {self._file}: free space on its disk, or keep less, and send this again."
            )
        # SQLite says in its message what is wrong with the file; of anything else the place is wanted too.
        known = isinstance(error, sqlite3.Error)
        logger.error("The store cannot write to %s: %s", self._file, error, exc_info=None if known else error)
        return WriteError(f"The store cannot write to {self._file}: {error}")

    def _sweep(self) -> bool:
        """One step of retention; tells whether there is more to do."""
        try:
            swept = self._retention.step(self._clock())
            self._measure()
        except Exception as error:  # whatever it is: the thread goes on, lines come first
            logger.warning("Retention cannot remove old data from %s now: %s", self._file, error)
            return False
        self.counts.deleted += swept.rows
        if swept.rows or swept.streams:
            self._intake.forget()
            self.roster.remove(swept.streams)
        return swept.more

    def _scrubbed(self) -> None:
        try:
            self._scrub.step()
        except Exception as error:  # as for retention
            logger.warning("Pieces of deleted lines cannot be removed from %s now: %s", self._file, error)

    def _measure(self) -> None:
        self.counts.bytes_used = self._retention.bytes_used()
        self.counts.oldest = self._retention.oldest()


def _size_of_line(line: Line) -> int:
    return _RECORD_BYTES + len(line.text) + sum(_PAIR_BYTES + len(name) + len(value) for name, value in line.metadata)


def _size_of_span(span: Span) -> int:
    texts = sum(len(value) for value in span.attributes.values() if isinstance(value, str))
    pairs = len(span.attributes) + sum(1 + len(part["attributes"]) for part in (*span.events, *span.links))
    return 2 * _RECORD_BYTES + texts + _PAIR_BYTES * pairs
