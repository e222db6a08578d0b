"""Encoded batches that wait to be sent: in memory, bounded by bytes, the oldest first."""

from collections import deque
from dataclasses import dataclass
from pathlib import Path
from threading import Condition

MAX_BYTES = 64 * 2**20
"""Some million and a half plain lines, compressed."""


@dataclass(frozen=True, slots=True)
class Batch:
    """`lines` log lines as a gzipped request: the bytes themselves, or the file that holds them."""

    lines: int
    content: bytes = b""
    file: Path | None = None

    def read(self) -> bytes:
        return self.content if self.file is None else self.file.read_bytes()


class Outbox:
    """Batches between the writer and the sender. A batch stays until it is `done`."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._batches: deque[Batch] = deque()
        self._changed = Condition()
        self._closed = False

    @property
    def lines(self) -> int:
        with self._changed:
            return sum(batch.lines for batch in self._batches)

    def put(self, batch: Batch) -> int:
        """Take in a batch. Returns how many lines of older ones had to go for it."""
        with self._changed:
            self._batches.append(batch)
            self._bytes += len(batch.content)
            lost = 0
            while self._bytes > self._max_bytes and len(self._batches) > 1:
                # The oldest may be on its way already: it is sent, and `done` no longer finds it. Files take no memory.
                oldest = next(waiting for waiting in self._batches if waiting.file is None)
                self._batches.remove(oldest)
                self._bytes -= len(oldest.content)
                lost += oldest.lines
            self._changed.notify_all()
            return lost

    def first(self, seconds: float) -> Batch | None:
        """The oldest batch, waiting for one as long as that; None where there is none."""
        with self._changed:
            self._changed.wait_for(lambda: self._batches or self._closed, seconds)
            return self._batches[0] if self._batches else None

    def done(self, batch: Batch) -> bool:
        """Forget a batch that was sent or refused. False where it had been given up meanwhile."""
        with self._changed:
            if not self._batches or self._batches[0] is not batch:
                return False
            self._batches.popleft()
            self._bytes -= len(batch.content)
            self._changed.notify_all()
        if batch.file is not None:
            batch.file.unlink(missing_ok=True)
        return True

    def wait_until_empty(self, seconds: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: not self._batches, seconds)

    def close(self) -> int:
        """Wake whoever waits. Returns the lines that are left in memory alone."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            return sum(batch.lines for batch in self._batches if batch.file is None)
