"""What a Starlette application answers to a scrape."""

from collections.abc import Sequence

from prometheus_client import CollectorRegistry
from starlette.requests import Request
from starlette.responses import Response

from ai_monitoring.metrics.exposition import ScrapeCollector, expose


def answer(request: Request, registry: CollectorRegistry, collectors: Sequence[ScrapeCollector] = ()) -> Response:
    """The metrics of `registry` and `collectors`, in the format that the scraper asks for."""
    body, content_type = expose(request.headers.get("accept", ""), registry=registry, collectors=collectors)
    return Response(body, headers={"Content-Type": content_type})
