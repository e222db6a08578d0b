"""Evaluators off the caller's thread: a bounded queue, one thread, a function that takes the reports."""

import contextlib
import queue
import threading
from collections.abc import Callable

from ai_monitoring.quality.evaluator import Exchange
from ai_monitoring.quality.suite import Report, Suite


class Background:
    """Runs a Suite on a thread of its own; `take` gets each request's id and report there.

    At most `bound` exchanges wait; what comes beyond is dropped and counted in `dropped`. A `take` that raises is left
    at that.
    """

    def __init__(self, suite: Suite, take: Callable[[str, Report], None], bound: int = 1_000) -> None:
        self.dropped = 0
        self._suite, self._take = suite, take
        self._waiting: queue.Queue[tuple[Exchange, str] | None] = queue.Queue(bound)
        self._thread = threading.Thread(target=self._work, name="ai-monitoring-background", daemon=True)
        self._thread.start()

    def submit(self, exchange: Exchange, request_id: str = "") -> bool:
        """Queue one exchange and return at once; False where the queue was full."""
        try:
            self._waiting.put_nowait((exchange, request_id))
        except queue.Full:
            self.dropped += 1
            return False
        return True

    def stop(self, timeout: float = 10.0) -> None:
        """Finish what waits, for at most `timeout` seconds."""
        with contextlib.suppress(queue.Full):
            self._waiting.put(None, timeout=timeout)
        self._thread.join(timeout)

    def _work(self) -> None:
        while (waiting := self._waiting.get()) is not None:
            exchange, request_id = waiting
            with contextlib.suppress(Exception):
                self._take(request_id, self._suite.evaluate(exchange, request_id))
