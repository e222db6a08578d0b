"""Batches of records on their way to the receiver: encoded, kept in memory or in a spool, sent by a thread."""

from ai_monitoring.telemetry.capture import Captured
from ai_monitoring.telemetry.counts import LogCounts, Reason
from ai_monitoring.telemetry.otlp_logs import compress, encode
from ai_monitoring.telemetry.outbox import Batch, Outbox
from ai_monitoring.telemetry.sender import Sender
from ai_monitoring.telemetry.settings import LogSettings
from ai_monitoring.telemetry.spool import Spool, SpoolFullError

MAX_LINES = 2000
MAX_BYTES = 4 * 2**20
"""Of one request, before compression: what gRPC between the parts of a receiver takes by default."""


class Shipping:
    """Takes redacted records from the writer's thread. Its sender's thread starts with it. Raises nothing."""

    def __init__(self, settings: LogSettings, counts: LogCounts) -> None:
        self._resource = settings.resource
        self._counts = counts
        self._outbox = Outbox()
        self._spool = self._open_spool(settings)
        self._sender = Sender(settings, self._outbox, counts)
        self._sender.thread.start()

    @property
    def interval(self) -> float:
        """Seconds that records may wait for others to be sent with: with a spool, what a crash may cost."""
        return 1.0 if self._spool is None else 0.2

    @property
    def waiting(self) -> int:
        return self._outbox.lines

    def ship(self, records: list[Captured]) -> None:
        for start in range(0, len(records), MAX_LINES):
            self._ship(records[start : start + MAX_LINES])

    def close(self, seconds: float) -> None:
        """Send what waits for that long; what is left stays in the spool, or is lost."""
        self._outbox.wait_until_empty(seconds)
        self._sender.stop()
        self._counts.lost(self._outbox.close(), Reason.SHUTDOWN, "the receiver has not taken them")
        # A request under way ends by itself, or with the process.
        self._sender.thread.join(0.2)
        if self._spool is not None:
            self._spool.close()

    def leave(self) -> None:
        """Give up what belongs to the parent of a forked process."""
        if self._spool is not None:
            self._spool.leave()

    def _ship(self, records: list[Captured]) -> None:
        """As one request, or as halves where that would be too large."""
        try:
            request = encode(records, self._resource)
            if len(request) <= MAX_BYTES or len(records) == 1:
                self._put(compress(request), len(records))
                return
        except Exception as error:
            self._counts.lost(len(records), Reason.FAILED, type(error).__name__)
            return
        del request  # so that no more than one is in memory
        middle = len(records) // 2
        self._ship(records[:middle])
        self._ship(records[middle:])

    def _put(self, content: bytes, lines: int) -> None:
        lost = self._outbox.put(self._kept(content, lines))
        self._counts.lost(lost, Reason.QUEUE_FULL if self._spool is None else Reason.SPOOL_FULL)

    def _kept(self, content: bytes, lines: int) -> Batch:
        """In the spool, or in memory where there is none or it cannot take more."""
        if self._spool is not None:
            try:
                return self._spool.write(content, lines)
            except (OSError, SpoolFullError):
                pass
        return Batch(lines, content)

    def _open_spool(self, settings: LogSettings) -> Spool | None:
        if settings.spool is None:
            return None
        spool = Spool(settings.spool / settings.service.replace("/", "_"))
        for batch in spool.adopt():
            self._outbox.put(batch)
        return spool
