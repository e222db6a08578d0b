"""What the process tells of itself: `GET /metrics` and `GET /health`, where the Collector would tell the same."""

from collections.abc import Iterator
from dataclasses import dataclass

from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.metrics_core import Metric as Family
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ai_monitoring import __version__
from ai_monitoring.embedded.store.counts import StoreCounts
from ai_monitoring.metrics.answer import answer
from ai_monitoring.metrics.families import family

ALERTED_REASONS = ("failed", "full", "overloaded", "too_many_requests")
"""Told from the start on, as 0: `increase()` misses what a new series begins with."""


@dataclass(frozen=True, slots=True)
class Families:
    """A collector of what the store counts."""

    counts: StoreCounts
    limit_bytes: int

    def collect(self) -> Iterator[Family]:
        """The store's metrics."""
        counts = self.counts
        signals = {"logs": counts.lines, "traces": counts.spans}
        yield family("ai_monitoring_embedded_stored_total", [([name], value) for name, value in signals.items()])
        refused = dict.fromkeys(ALERTED_REASONS, 0) | counts.refused()
        yield family("ai_monitoring_embedded_refused_total", [([name], value) for name, value in refused.items()])
        yield family("ai_monitoring_embedded_deleted_total", [([], counts.deleted)])
        yield family("ai_monitoring_embedded_store_bytes", [([], counts.bytes_used)])
        yield family("ai_monitoring_embedded_store_limit_bytes", [([], self.limit_bytes)])
        oldest = None if counts.oldest is None else counts.oldest / 1e9
        yield family("ai_monitoring_embedded_oldest_timestamp_seconds", [([], oldest)])


def own_metrics(families: Families, registry: CollectorRegistry = REGISTRY) -> Starlette:
    """The application."""

    async def metrics(request: Request) -> Response:
        return answer(request, registry, [families])

    return Starlette(routes=[Route("/metrics", metrics), HEALTH])


async def _health(_: Request) -> Response:
    return JSONResponse({"status": "ok", "version": __version__})


HEALTH = Route("/health", _health)
"""On every port, whichever of them is asked whether the process is there."""
