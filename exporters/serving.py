"""The routes of an exporter: `GET /metrics` reads what it is about, `GET /health` does not."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from prometheus_client import CollectorRegistry
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ai_monitoring import __version__
from ai_monitoring.metrics.answer import answer
from ai_monitoring.metrics.instrument import instrument
from exporters.recent import Recent


class Reading(Protocol):
    """What was read. One that is not `complete` says nothing but that."""

    @property
    def complete(self) -> bool: ...


R = TypeVar("R", bound=Reading)


def routes(
    name: str, recent: Recent[R], families: Callable[[R], Collector], registry: CollectorRegistry
) -> tuple[Route, Route]:
    """Those of the exporter of that name. A scrape is answered 200 also where nothing can be read: then that is what it
    says.
    """
    up = instrument("ai_monitoring_exporter_up", registry)[name]

    async def metrics(request: Request) -> Response:
        reading = await recent.read()
        up.set(reading.complete)
        return answer(request, registry, [families(reading)])

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "ok", "version": __version__})

    return Route("/metrics", metrics), Route("/health", health)
