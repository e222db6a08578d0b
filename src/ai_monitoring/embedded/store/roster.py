"""Which streams there may be: their number is bounded, and a new one is let in only while there is room."""

import threading
from collections.abc import Iterable

from ai_monitoring.embedded.store.records import Labels


class Roster:
    """The streams that are stored, or about to be. Used by the writer's thread and by all who push."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._known: set[Labels] = set()
        self._lock = threading.Lock()

    def admit(self, labels: Labels) -> bool:
        """Whether the stream is known or there is room for it; it is known from then on."""
        with self._lock:
            if labels in self._known:
                return True
            if len(self._known) >= self.limit:
                return False
            self._known.add(labels)
            return True

    def add(self, streams: Iterable[Labels]) -> None:
        """Streams that are stored, whatever the limit."""
        with self._lock:
            self._known.update(streams)

    def remove(self, streams: Iterable[Labels]) -> None:
        with self._lock:
            self._known.difference_update(streams)
