"""The thread that sends batches over OTLP/HTTP. It alone waits for the network."""

import ssl
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Event, Thread
from urllib.parse import urlsplit

from ai_monitoring import __version__
from ai_monitoring.telemetry.answer import MAX_BYTES, Answer
from ai_monitoring.telemetry.counts import LogCounts, Reason
from ai_monitoring.telemetry.otlp_logs import rejected
from ai_monitoring.telemetry.outbox import Batch, Outbox
from ai_monitoring.telemetry.settings import LogSettings

RETRYABLE = frozenset({408, 429, 500, 502, 503, 504})
"""What may pass: OTLP names 429, 502, 503 and 504; Loki answers 500 while it starts or stops."""

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0
"""Seconds between two attempts, doubled with each."""


class Sender:
    """Sends what is in `outbox` to the settings' endpoint, in order, until it is stopped."""

    def __init__(self, settings: LogSettings, outbox: Outbox, counts: LogCounts) -> None:
        parts = urlsplit(settings.endpoint)
        self._target = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
        self._headers = {
            "Content-Type": "application/x-protobuf",
            "Content-Encoding": "gzip",
            "User-Agent": f"ai-monitoring/{__version__}",
            **settings.headers,
        }
        self._connection = _connection(settings)
        self._outbox = outbox
        self._counts = counts
        self._stopping = Event()
        self.thread = Thread(target=self._run, name="ai-monitoring-log-sender", daemon=True)

    def stop(self) -> None:
        self._stopping.set()

    def _run(self) -> None:
        pause = FIRST_PAUSE
        while not self._stopping.is_set():
            batch = self._outbox.first(1.0)
            if batch is None:
                continue
            wait = self._send(batch, pause)
            pause = FIRST_PAUSE if wait == 0 else min(pause * 2, LONGEST_PAUSE)
            self._stopping.wait(wait)
        self._connection.close()

    def _send(self, batch: Batch, pause: float) -> float:
        """Try once. Returns how long to wait before the next attempt, in seconds; 0 where the batch is through."""
        try:
            content = batch.read()
        except OSError:
            # Somebody has deleted the file.
            if self._outbox.done(batch):
                self._counts.lost(batch.lines, Reason.FAILED, "its spool file is gone")
            return 0
        try:
            status, retry_after, answer = self._post(content)
        except Exception:
            # Of the network, or of a header that HTTP does not take: this thread must outlive both.
            self._connection.close()
            return pause
        if status in RETRYABLE:
            return max(pause, min(retry_after, LONGEST_PAUSE * 4))
        if self._outbox.done(batch):
            refused = min(rejected(answer), batch.lines) if status < 300 else batch.lines
            self._counts.shipped(batch.lines - refused)
            self._counts.lost(refused, Reason.REJECTED, f"the receiver answered {status}")
        return 0

    def _post(self, content: bytes) -> tuple[int, float, bytes]:
        """The answer's status, its Retry-After in seconds, and its content as far as it came in time."""
        self._connection.request("POST", self._target, content, self._headers)
        with self._connection.getresponse() as response:
            answer, whole = b"", False
            with suppress(OSError, HTTPException):
                answer = response.read(MAX_BYTES)
                whole = response.isclosed()
            if response.will_close or not whole:
                self._connection.close()
            after = response.headers.get("Retry-After", "")
            return response.status, float(after) if after.isdecimal() else 0.0, answer


def _connection(settings: LogSettings) -> HTTPConnection:
    parts = urlsplit(settings.endpoint)
    host = parts.hostname or ""
    if parts.scheme == "http":
        connection = HTTPConnection(host, parts.port, timeout=settings.timeout)
    else:
        context = ssl.create_default_context(cafile=settings.certificate)
        connection = HTTPSConnection(host, parts.port, timeout=settings.timeout, context=context)
    connection.response_class = Answer
    return connection
