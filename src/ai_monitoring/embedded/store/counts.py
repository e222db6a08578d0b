"""What the process counts of its store, for its metrics."""

import threading
from collections import Counter


class StoreCounts:
    """Counters since the start, and what the store held when it last looked. Safe to read and count from any thread."""

    def __init__(self) -> None:
        self.lines = 0
        """Lines committed, without repeated ones."""
        self.repeated = 0
        """Lines that were there already: an agent sent them again."""
        self.spans = 0
        """Spans committed."""
        self.deleted = 0
        """Lines and spans that retention removed."""
        self.bytes_used = 0
        """Bytes of the file that hold data."""
        self.oldest: int | None = None
        """Nanoseconds since 1970 of the oldest line or span; None for an empty store."""
        self.queued_bytes = 0
        """About how many bytes wait to be written, or are being written."""
        self._refused: Counter[str] = Counter()
        self._lock = threading.Lock()

    def refuse(self, reason: str, count: int = 1) -> None:
        """Count lines, spans or requests that were not taken."""
        with self._lock:
            self._refused[reason] += count

    def refused(self) -> dict[str, int]:
        """How many were not taken, by reason."""
        with self._lock:
            return dict(self._refused)
