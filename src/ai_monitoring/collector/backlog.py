"""Requests that wait for a thread of their own: bounded, counted where lost, drained within bounds at the end.

Some are held for a while first: of a call that both the application and the instrumentation tell of, the application's
record, which knows more, shall be the one that counts.
"""

import atexit
import sys
from collections import deque
from collections.abc import Callable
from threading import Condition, Thread
from time import monotonic
from typing import Final, NamedTuple
from weakref import WeakSet

from prometheus_client import CollectorRegistry

from ai_monitoring.collector.admission import Admission
from ai_monitoring.collector.request import AIRequest
from ai_monitoring.collector.settings import Collection
from ai_monitoring.forks import anew_in_child
from ai_monitoring.llm.errors import count_error
from ai_monitoring.metrics.instrument import instrument

QUEUE_FULL: Final = "queue_full"
STOPPED: Final = "stopped"
FAILED: Final = "failed"
HELD: Final = 5.0
"""Seconds."""
MOST_TEXT: Final = 64 * 2**20
"""Bytes that the texts of waiting requests may take together; those of one take 7 MB at most."""
_AT_EXIT: Final = 2.0

Take = Callable[[Admission, str], object]


class _One(NamedTuple):
    admission: Admission
    way: str
    size: int


class Backlog:
    """Hands requests to `take` on a thread that the first one starts. `put` waits for nothing."""

    def __init__(self, settings: Collection, take: Take, registry: CollectorRegistry) -> None:
        self._settings, self._take, self._registry = settings, take, registry
        self._lost = instrument("ai_monitoring_records_lost_total", registry)
        self._gauge = instrument("ai_monitoring_records_waiting", registry)[()]
        for reason in (QUEUE_FULL, STOPPED, FAILED):
            self._lost.prepare(reason)
        self.start_anew()
        anew_in_child(self)
        _living.add(self)

    def start_anew(self) -> None:
        """As new: a forked process has none of its parent's threads, and what waits there is the parent's."""
        self._waiting: deque[_One] = deque()
        self._batch: deque[_One] = deque()
        self._held: deque[tuple[float, _One]] = deque()
        self._text = 0
        self._changed = Condition()
        self._thread: Thread | None = None
        self._stopped = False

    def put(self, admission: Admission, way: str, *, held: bool = False) -> bool:
        """False where it is lost: the queue is full, or its thread has ended. `held` is for HELD seconds."""
        one = _One(admission, way, _bytes_of_text(admission.request))
        with self._changed:
            reason = STOPPED if self._stopped else "" if self._has_room(one) else QUEUE_FULL
            if not reason and held:
                self._held.append((monotonic() + HELD, one))
            elif not reason:
                self._waiting.append(one)
            if not reason:
                self._text += one.size
                self._start()
                self._changed.notify()
        if reason:
            self._lost[reason].inc()
        return not reason

    def open(self) -> None:
        """Take requests, again after a stop."""
        with self._changed:
            self._stopped = False

    def stop(self, timeout: float) -> None:
        """Take no more, and record what waits for at most `timeout` seconds; the rest is lost. The one that is being
        recorded then goes on.
        """
        with self._changed:
            self._stopped = True
            thread, self._thread = self._thread, None
            self._changed.notify()
        if thread is not None:
            thread.join(timeout)
        with self._changed:
            left = len(self._batch) + len(self._waiting) + len(self._held)
            for given_up in (self._batch, self._waiting, self._held):
                given_up.clear()
            self._text = 0
        if left:
            self._lost[STOPPED].inc(left)
        self._gauge.set(0)

    def _has_room(self, one: _One) -> bool:
        number = len(self._waiting) + len(self._held)
        return number < self._settings.queue_size and self._text + one.size <= MOST_TEXT

    def _start(self) -> None:
        if self._thread is None:
            self._thread = Thread(target=self._run, name="ai-monitoring-records", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while self._fill():
            while (one := self._next()) is not None:
                try:
                    self._take(one.admission, one.way)
                except Exception:
                    self._lost[FAILED].inc()
                    count_error("collector", self._registry)

    def _next(self) -> _One | None:
        """Of the batch; None at its end, and where a stop has given up the rest."""
        with self._changed:
            if not self._batch:
                return None
            one = self._batch.popleft()
            self._text -= one.size
            return one

    def _fill(self) -> bool:
        """Take the next ones for the batch, as soon as there is one; whether there are any: none at the end."""
        with self._changed:
            while not self._ready() and not self._stopped:
                self._changed.wait(max(0.0, self._held[0][0] - monotonic()) if self._held else None)
            for _ in range(min(len(self._waiting), self._settings.batch_size)):
                self._batch.append(self._waiting.popleft())
            self._gauge.set(len(self._waiting) + len(self._held))
            return bool(self._batch)

    def _ready(self) -> bool:
        """Whether any waits, now that those whose time has come do so too; at the end there is no time to hold any."""
        while self._held and (self._stopped or self._held[0][0] <= monotonic()):
            self._waiting.append(self._held.popleft()[1])
        return bool(self._waiting)


def _bytes_of_text(request: AIRequest) -> int:
    return sum(map(sys.getsizeof, (request.prompt, request.response, *request.context)))


_living: WeakSet[Backlog] = WeakSet()


def _finish() -> None:
    """An application that ends without a stop loses nothing that a moment can save."""
    for backlog in tuple(_living):
        backlog.stop(_AT_EXIT)


atexit.register(_finish)
