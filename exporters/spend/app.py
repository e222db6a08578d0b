"""The exporter: `GET /metrics` reads the ledger, `GET /health` does not."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from prometheus_client import REGISTRY, CollectorRegistry
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ai_monitoring import __version__
from ai_monitoring.metrics.exposition import expose
from ai_monitoring.metrics.instrument import instrument
from exporters.recent import Recent
from exporters.spend.families import Families
from exporters.spend.reader import Reader

CACHE_SECONDS = 5.0
"""However often it is scraped, the ledger is read once in that time."""


def exporter(reader: Reader, registry: CollectorRegistry = REGISTRY, cache_seconds: float = CACHE_SECONDS) -> Starlette:
    """The application. A scrape is answered 200 also where the ledger cannot be read: then that is what it says."""
    recent = Recent(lambda: run_in_threadpool(reader.read), cache_seconds)
    up = instrument("ai_monitoring_exporter_up", registry)["spend"]

    async def metrics(request: Request) -> Response:
        reading = await recent.read()
        up.set(reading.complete)
        accept = request.headers.get("accept", "")
        body, content_type = expose(accept, registry=registry, collectors=[Families(reading)])
        return Response(body, headers={"Content-Type": content_type})

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "ok", "version": __version__})

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        reader.close()

    return Starlette(routes=[Route("/metrics", metrics), Route("/health", health)], lifespan=lifespan)
