"""The daemon's application: records in by HTTP and OTLP, metrics out.

    POST /v1/records   one AI request as JSON, or a list of them
    POST /v1/traces    OTLP spans, protobuf or JSON, of calls to models
    GET  /v1/summary   what was recorded since the start
    GET  /health, GET /metrics

What is wrong is answered with `{"error": "…"}`, over OTLP with a `google.rpc.Status`. It has no login and answers to
names that it knows alone; a page of another site can send nothing.
"""

from collections.abc import AsyncIterator
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from prometheus_client import REGISTRY, CollectorRegistry
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ai_monitoring import __version__
from ai_monitoring.collect.intake import Intake
from ai_monitoring.collector.collector import MetricsCollector
from ai_monitoring.embedded.ingest.limits import IngestLimits
from ai_monitoring.hosts import LOOPBACK, HostGuard
from ai_monitoring.metrics.answer import answer


def application(
    collector: MetricsCollector,
    registry: CollectorRegistry = REGISTRY,
    limits: IngestLimits | None = None,
    names: AbstractSet[str] = LOOPBACK,
) -> Starlette:
    """Over a collector whose metrics are in `registry`; it is started and stopped with the application. It answers
    requests to a host of `names`.
    """
    intake = Intake(collector, limits or IngestLimits())

    async def summary(_: Request) -> Response:
        return JSONResponse(await run_in_threadpool(collector.get_summary))

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "ok", "time": datetime.now(UTC).isoformat(), "version": __version__})

    async def metrics(request: Request) -> Response:
        return answer(request, registry)

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
        middleware=[Middleware(HostGuard, names=names)],
        lifespan=lifespan,
    )
