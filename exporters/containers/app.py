"""The exporter: `GET /metrics` reads the containers, `GET /health` does not."""

import asyncio
import time

from prometheus_client import REGISTRY, CollectorRegistry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ai_monitoring import __version__
from ai_monitoring.metrics.exposition import expose
from ai_monitoring.metrics.instrument import instrument
from exporters.containers.families import Families
from exporters.containers.reader import Reader, Reading

CACHE_SECONDS = 2.0
"""Two Prometheus servers that scrape at the same moment cost the engine one reading."""


def exporter(reader: Reader, registry: CollectorRegistry = REGISTRY, cache_seconds: float = CACHE_SECONDS) -> Starlette:
    """The application. A scrape is answered 200 also where the engine cannot be read: then that is what it says."""
    recent = _Recent(reader, cache_seconds)
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


class _Recent:
    """The last reading, taken again when it is older than `seconds`."""

    def __init__(self, reader: Reader, seconds: float) -> None:
        self._reader = reader
        self._seconds = seconds
        self._lock = asyncio.Lock()
        self._reading = Reading()
        self._fresh_until = 0.0

    async def read(self) -> Reading:
        async with self._lock:
            if time.monotonic() >= self._fresh_until:
                self._reading = await self._reader.read()
                self._fresh_until = time.monotonic() + self._seconds
            return self._reading
