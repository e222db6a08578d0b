"""The exporter: `GET /metrics` reads the containers, `GET /health` does not."""

from prometheus_client import REGISTRY, CollectorRegistry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ai_monitoring import __version__
from ai_monitoring.metrics.exposition import expose
from ai_monitoring.metrics.instrument import instrument
from exporters.containers.families import Families
from exporters.containers.reader import Reader
from exporters.recent import Recent

CACHE_SECONDS = 2.0


def exporter(reader: Reader, registry: CollectorRegistry = REGISTRY, cache_seconds: float = CACHE_SECONDS) -> Starlette:
    """The application. A scrape is answered 200 also where the engine cannot be read: then that is what it says."""
    recent = Recent(reader.read, cache_seconds)
    up = instrument("ai_monitoring_exporter_up", registry)["containers"]

    async def metrics(request: Request) -> Response:
        reading = await recent.read()
        up.set(reading.complete)
        accept = request.headers.get("accept", "")
        body, content_type = expose(accept, registry=registry, collectors=[Families(reading)])
        return Response(body, headers={"Content-Type": content_type})

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "ok", "version": __version__})

    return Starlette(routes=[Route("/metrics", metrics), Route("/health", health)])
