"""How many requests are at work at a time, and how many bytes of bodies they hold together."""

from collections.abc import Iterator
from contextlib import contextmanager

from ai_monitoring.embedded.ingest.limits import IngestLimits
from ai_monitoring.embedded.ingest.refusals import Refused


class Turns:
    """Of one event loop."""

    def __init__(self, limits: IngestLimits) -> None:
        self._limits = limits
        self._running = 0
        self._held = 0

    @contextmanager
    def turn(self) -> Iterator["Turn"]:
        """A request's turn, inside the block. Raises Refused where too many have theirs."""
        if self._running >= self._limits.requests:
            raise _busy(f"{self._limits.requests} requests are under way", "too_many_requests")
        turn = Turn(self)
        self._running += 1
        try:
            yield turn
        finally:
            self._running -= 1
            self._held -= turn.held

    def hold(self, size: int) -> None:
        if self._held + size > self._limits.held_bytes:
            raise _busy(f"requests of {self._limits.held_bytes // 2**20} MB are under way", "too_many_bytes")
        self._held += size


class Turn:
    """One request's; `held` bytes of its body."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self.held = 0

    def hold(self, size: int) -> None:
        """Hold so many bytes more, to the end of the turn. Raises Refused where all requests together hold too many."""
        self._turns.hold(size)
        self.held += size


def _busy(what: str, reason: str) -> Refused:
    return Refused(503, f"{what}, no more are taken: send this again in a second", reason, retry_after=1)
