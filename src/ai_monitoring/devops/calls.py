"""How many calls to models a process made within the last minutes, and how many of them failed."""

from collections import deque
from typing import Final

from prometheus_client import CollectorRegistry

from ai_monitoring.llm.outcome import Status
from ai_monitoring.metrics.instrument import instrument

WINDOW_SECONDS: Final = 300.0
_LOOKS: Final = 61
"""One in five seconds over the window, and the one before it."""
_NO_FAILURE: Final = frozenset({Status.OK, Status.ABANDONED, Status.CANCELLED})


class RecentCalls:
    """Reads `llm_requests_total` of one registry. A process that works with others counts its own calls alone."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._requests = instrument("llm_requests_total", registry)
        self._looks: deque[tuple[float, float, float]] = deque([(float("-inf"), 0.0, 0.0)], maxlen=_LOOKS)

    def look(self, now: float) -> tuple[float, float]:
        """The calls that ended within the window before `now` (seconds of a steady clock), and those that failed."""
        calls, failed = self._counted()
        while len(self._looks) > 1 and self._looks[1][0] <= now - WINDOW_SECONDS:
            self._looks.popleft()
        _, before, failed_before = self._looks[0]
        self._looks.append((now, calls, failed))
        return max(0.0, calls - before), max(0.0, failed - failed_before)

    def _counted(self) -> tuple[float, float]:
        calls = failed = 0.0
        for labels, child in list(self._requests.items()):
            value = child._value.get()
            calls += value
            failed += value if labels[-1] not in _NO_FAILURE else 0.0
        return calls, failed
