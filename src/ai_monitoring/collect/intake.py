"""What comes in, taken to the collector within bounds."""

from collections.abc import Callable, Sequence
from typing import Final

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ai_monitoring.collect import records, spans
from ai_monitoring.collector.collector import MetricsCollector
from ai_monitoring.collector.request import AIRequest
from ai_monitoring.embedded.ingest import bodies, otlp_json
from ai_monitoring.embedded.ingest.content import Format, check_origin, format_of
from ai_monitoring.embedded.ingest.limits import IngestLimits
from ai_monitoring.embedded.ingest.otlp_http import accepted_spans, refusal
from ai_monitoring.embedded.ingest.refusals import Refused, Rejections
from ai_monitoring.embedded.ingest.turns import Turns

RETRY_SECONDS: Final = 1
_TYPES: dict[Format, str] = {"json": "application/json", "protobuf": "application/x-protobuf"}


class Intake:
    """Takes requests' bodies to a collector, within bounds."""

    def __init__(self, collector: MetricsCollector, limits: IngestLimits) -> None:
        self._collector = collector
        self._limits = limits
        self._turns = Turns(limits)

    async def records(self, request: Request) -> Response:
        """202 and how many were taken; 503 where some were lost: a request that is sent again counts once."""
        try:
            taken, lost = await self._taken(request, self._records)
        except Refused as refused:
            return JSONResponse({"error": str(refused)}, refused.status, _retry(refused.retry_after))
        except ValueError as error:
            return JSONResponse({"error": str(error)}, 400)
        counts = {"accepted": taken, "lost": lost}
        return JSONResponse(counts, 503, _retry(RETRY_SECONDS)) if lost else JSONResponse(counts, 202)

    async def traces(self, request: Request) -> Response:
        """As OTLP answers: 200, which names what was left out, and 503 where some were lost, so that all come again."""
        rejections = Rejections()
        kind: Format = "json" if request.headers.get("content-type", "").startswith(_TYPES["json"]) else "protobuf"
        try:
            _, lost = await self._taken(request, lambda body, kind: self._spans(body, kind, rejections))
        except Refused as refused:
            return refusal(refused, kind)
        if lost:
            return refusal(Refused(503, f"{lost} calls found no place in the queue", retry_after=RETRY_SECONDS), kind)
        done = accepted_spans(rejections)
        content = otlp_json.to_json(done) if kind == "json" else done.SerializeToString()
        return Response(content, media_type=_TYPES[kind])

    async def _taken(self, request: Request, read: Callable[[bytes, Format], Sequence[AIRequest]]) -> tuple[int, int]:
        """How many of a body were handed over, and how many were lost. Raises Refused, ValueError."""
        with self._turns.turn() as turn:
            check_origin(request)
            kind = format_of(request)
            body = await bodies.read(request, self._limits, turn)
            encoding = request.headers.get("content-encoding", "")
            return await run_in_threadpool(
                lambda: self._submitted(read(bodies.inflate(body, encoding, self._limits), kind))
            )

    def _records(self, body: bytes, kind: Format) -> list[AIRequest]:
        if kind != "json":
            raise Refused(415, "records are sent as Content-Type: application/json")
        return records.requests(bodies.parse_json(body, self._limits))

    def _spans(self, body: bytes, kind: Format, rejections: Rejections) -> list[AIRequest]:
        if kind == "json":
            content = bodies.parse_json(body, self._limits)
            return spans.requests(otlp_json.from_json(content, ExportTraceServiceRequest), rejections)
        message = otlp_json.from_protobuf(body, ExportTraceServiceRequest, self._limits.messages)
        return spans.requests(message, rejections)

    def _submitted(self, requests: Sequence[AIRequest]) -> tuple[int, int]:
        told = [self._collector.submit(request) for request in requests]
        return sum(told), len(told) - sum(told)


def _retry(seconds: int | None) -> dict[str, str]:
    return {"Retry-After": str(seconds)} if seconds else {}
