"""The daemon's application: records in by HTTP and OTLP, metrics out.

    POST /v1/records   one AI request as JSON, or a list of them
    POST /v1/traces    OTLP spans, protobuf or JSON, of calls to models
    GET  /v1/summary   what was recorded since the start
    GET  /health, GET /metrics

What is wrong is answered with `{"error": "…"}`, over OTLP with a `google.rpc.Status`. It has no login and answers to
loopback's names alone; a page of another site can send nothing.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from prometheus_client import REGISTRY, CollectorRegistry
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ai_monitoring import __version__
from ai_monitoring.collect import records, spans
from ai_monitoring.collector.collector import MetricsCollector
from ai_monitoring.collector.request import AIRequest
from ai_monitoring.embedded.ingest import bodies, otlp_json
from ai_monitoring.embedded.ingest.content import Format, check_origin, format_of
from ai_monitoring.embedded.ingest.limits import IngestLimits
from ai_monitoring.embedded.ingest.otlp_http import refusal
from ai_monitoring.embedded.ingest.refusals import Refused
from ai_monitoring.embedded.ingest.turns import Turns
from ai_monitoring.hosts import HostGuard
from ai_monitoring.metrics.exposition import expose

RETRY_SECONDS = 1
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
            kind, body = await self._body(request)
            if kind != "json":
                raise Refused(415, "records are sent as Content-Type: application/json")
            taken, lost = await run_in_threadpool(self._take, partial(self._read_records, body))
        except Refused as refused:
            return JSONResponse({"error": str(refused)}, refused.status, _retry(refused.retry_after))
        except ValueError as error:
            return JSONResponse({"error": str(error)}, 400)
        counts = {"accepted": taken, "lost": lost}
        return JSONResponse(counts, 503, _retry(RETRY_SECONDS)) if lost else JSONResponse(counts, 202)

    async def traces(self, request: Request) -> Response:
        """As OTLP answers: 200, and 503 where some were lost, so that the exporter sends the spans again."""
        kind: Format = "json" if request.headers.get("content-type", "").startswith(_TYPES["json"]) else "protobuf"
        try:
            kind, body = await self._body(request)
            _, lost = await run_in_threadpool(self._take, partial(self._read_spans, body, kind))
            if lost:
                raise Refused(503, f"{lost} calls found no place in the queue", retry_after=RETRY_SECONDS)
        except Refused as refused:
            return refusal(refused, kind)
        except (TypeError, ValueError) as error:
            return refusal(Refused(400, str(error)), kind)
        done = ExportTraceServiceResponse()
        content = otlp_json.to_json(done) if kind == "json" else done.SerializeToString()
        return Response(content, media_type=_TYPES[kind])

    async def _body(self, request: Request) -> tuple[Format, bytes]:
        """Its format and its bytes, decompressed. Raises Refused."""
        with self._turns.turn() as turn:
            check_origin(request)
            kind = format_of(request)
            body = await bodies.read(request, self._limits, turn)
            encoding = request.headers.get("content-encoding", "")
            return kind, await run_in_threadpool(bodies.inflate, body, encoding, self._limits)

    def _read_records(self, body: bytes) -> list[AIRequest]:
        return records.requests(bodies.parse_json(body, self._limits))

    def _read_spans(self, body: bytes, kind: Format) -> list[AIRequest]:
        if kind == "json":
            content = bodies.parse_json(body, self._limits)
            return spans.requests(otlp_json.from_json(content, ExportTraceServiceRequest))
        message = otlp_json.from_protobuf(body, ExportTraceServiceRequest, self._limits.messages)
        return spans.requests(message)

    def _take(self, read: Callable[[], Sequence[AIRequest]]) -> tuple[int, int]:
        """How many were handed over, and how many were lost."""
        told = [self._collector.submit(request) for request in read()]
        return sum(told), len(told) - sum(told)


def application(
    collector: MetricsCollector, registry: CollectorRegistry = REGISTRY, limits: IngestLimits | None = None
) -> Starlette:
    """Over a collector whose metrics are in `registry`; it is started and stopped with the application."""
    intake = Intake(collector, limits or IngestLimits())

    async def summary(_: Request) -> Response:
        return JSONResponse(await run_in_threadpool(collector.get_summary))

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "ok", "time": datetime.now(UTC).isoformat(), "version": __version__})

    async def metrics(request: Request) -> Response:
        body, content_type = expose(request.headers.get("accept", ""), registry=registry)
        return Response(body, headers={"Content-Type": content_type})

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        collector.start()
        try:
            yield
        finally:
            await run_in_threadpool(collector.stop)

    return Starlette(
        routes=[
            Route("/v1/records", intake.records, methods=["POST"]),
            Route("/v1/traces", intake.traces, methods=["POST"]),
            Route("/v1/summary", summary),
            Route("/health", health),
            Route("/metrics", metrics),
        ],
        middleware=[Middleware(HostGuard)],
        lifespan=lifespan,
    )


def _retry(seconds: int | None) -> dict[str, str]:
    return {"Retry-After": str(seconds)} if seconds else {}
