"""Values read from elsewhere when Prometheus asks, within a time limit: a dead database never holds up a scrape."""

import logging
from collections.abc import Callable, Iterable, Sequence
from threading import Lock, Thread
from time import monotonic
from typing import Any, Final

from django.db import connections
from prometheus_client.metrics_core import Metric as Family

from ai_monitoring.web.django.queries import SCRAPE_THREAD

QUICK: Final = 0.1
"""Seconds within which a reading is made anew at each scrape."""
REST: Final = 20
"""A slower one stands for this many times as long as it took: reading never costs a database 5 % of its time."""
MAX_AGE: Final = 60.0
"""Seconds after which a reading, however slow, is not shown any more."""

logger = logging.getLogger("ai_monitoring.web")


class Source:
    """One thing to read, such as one database, at most once at a time in this process.

    `read` returns metric families, None where this project has nothing to show, or raises. It runs in a thread of its
    own, whose database connections are closed afterwards.
    """

    def __init__(self, component: str, read: Callable[[], Iterable[Family] | None]) -> None:
        self.component = component
        self._read = read
        self._lock = Lock()
        self._reading: _Reading | None = None

    def start(self) -> "_Reading":
        """The reading under way, or the last one where it still stands, or a new one."""
        with self._lock:
            if self._reading is None or self._reading.is_over():
                reading = _Reading(self._read)
                reading.start()
                self._reading = reading
            return self._reading


class _Reading(Thread):
    """One attempt. `families` is None until it succeeds."""

    def __init__(self, read: Callable[[], Iterable[Family] | None]) -> None:
        super().__init__(name=SCRAPE_THREAD, daemon=True)
        self._read = read
        self.began = monotonic()
        self._ended = float("inf")
        self.families: Sequence[Family] | None = None

    def run(self) -> None:
        try:
            self.families = list(self._read() or ())
        except Exception as error:
            logger.warning("The reading for the metrics page failed: %s: %s", type(error).__name__, error)
        finally:
            self._ended = monotonic()
            connections.close_all()

    def is_over(self) -> bool:
        seconds = self._ended - self.began
        return monotonic() > self._ended + (min(seconds * REST, MAX_AGE) if seconds > QUICK else 0.0)


def read_all(sources: Iterable[Source], seconds: float, failed: Callable[[str], Any]) -> list[Family]:
    """The families of all sources, read side by side in at most `seconds`.

    `failed` is called with the component of each source that raised or did not come in time; it shows nothing then.
    """
    deadline = monotonic() + seconds
    families: list[Family] = []
    for source, reading in [(source, source.start()) for source in sources]:
        # One that hangs since an earlier scrape is not waited for again.
        reading.join(max(0.0, min(deadline, reading.began + seconds) - monotonic()))
        if reading.is_alive() or reading.families is None:
            failed(source.component)
        else:
            families.extend(reading.families)
    return families
