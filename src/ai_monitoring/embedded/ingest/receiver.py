"""The way of a request: decoded and checked beside the event loop, written, and answered once it is on disk."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from ai_monitoring.embedded.ingest import otlp_logs, otlp_spans
from ai_monitoring.embedded.ingest.admission import Admission
from ai_monitoring.embedded.ingest.entries import Stream
from ai_monitoring.embedded.ingest.limits import IngestLimits
from ai_monitoring.embedded.ingest.refusals import Refused, Rejections
from ai_monitoring.embedded.ingest.turns import Turn, Turns
from ai_monitoring.embedded.store.errors import OverloadedError, StoreFullError, WriteError
from ai_monitoring.embedded.store.records import Line, Span
from ai_monitoring.embedded.store.writer import Writer

_THREADS = 1
Record = TypeVar("Record")
Result = TypeVar("Result")
TakeLogs = Callable[[Callable[[], ExportLogsServiceRequest]], Awaitable[Rejections]]
"""Stores the log records that a function decodes; tells what was left out. Raises Refused."""


class Receiver:
    """What all ways in share: the writer, the limits, and how many requests are at work."""

    def __init__(
        self, writer: Writer, limits: IngestLimits | None = None, clock: Callable[[], int] = time.time_ns
    ) -> None:
        self.limits = limits or IngestLimits()
        self.writer, self._clock = writer, clock
        self._turns = Turns(self.limits)
        # Their own, so that a slow query does not take them; one, since the content of a large body takes much memory.
        self._threads = ThreadPoolExecutor(_THREADS, "embedded-ingest")

    @contextmanager
    def turn(self) -> Iterator[Turn]:
        """A request's turn. Raises Refused where too many have theirs; counts what is refused inside."""
        try:
            with self._turns.turn() as turn:
                yield turn
        except Refused as refused:
            if refused.reason:
                self.writer.counts.refuse(refused.reason)
            raise

    async def lines(self, decode: Callable[[], Sequence[Stream]]) -> Rejections:
        """Store what `decode` finds; tells what was left out. Raises Refused where nothing could be stored."""

        def admitted() -> tuple[list[Line], Rejections]:
            admission = Admission(self.limits, self.writer.roster, self._clock())
            return admission.lines(decode()), admission.rejections

        lines, rejections = await self._beside(admitted)
        return await self._stored(self.writer.write_lines, lines, rejections)

    async def otlp_logs(self, decode: Callable[[], ExportLogsServiceRequest]) -> Rejections:
        """Store the log records that `decode` finds, as `lines` does."""
        return await self.lines(lambda: otlp_logs.streams(decode(), self.limits))

    async def spans(self, decode: Callable[[], ExportTraceServiceRequest]) -> Rejections:
        """Store the spans that `decode` finds; tells what was left out. Raises Refused where nothing could be."""

        def admitted() -> tuple[list[Span], Rejections]:
            rejections = Rejections()
            return list(otlp_spans.spans(decode(), self.limits, self._clock(), rejections)), rejections

        spans, rejections = await self._beside(admitted)
        return await self._stored(self.writer.write_spans, spans, rejections)

    async def _beside(self, work: Callable[[], Result]) -> Result:
        """What `work` returns, done beside the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    async def _stored(
        self, write: Callable[[Sequence[Record]], Future[None]], records: list[Record], rejections: Rejections
    ) -> Rejections:
        for reason, count in rejections.reasons.items():
            self.writer.counts.refuse(reason, count)
        try:
            if records:
                await asyncio.wrap_future(write(records))
        except WriteError as error:
            raise _unwritten(error) from error
        return rejections


def _unwritten(error: WriteError) -> Refused:
    """The writer has counted it."""
    match error:
        case OverloadedError():
            return Refused(503, str(error), "", retry_after=1)
        case StoreFullError():
            return Refused(503, str(error), "", retry_after=30)
    return Refused(503, str(error), "", retry_after=30)
