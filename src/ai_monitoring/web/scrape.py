"""The route that Prometheus reads from a Starlette or FastAPI application."""

import logging
import sys
from multiprocessing import parent_process

from prometheus_client import REGISTRY, CollectorRegistry
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from ai_monitoring.metrics.answer import answer
from ai_monitoring.metrics.exposition import authorized, warn_of_lone_worker
from ai_monitoring.web.meter import SCOPE_KEY

logger = logging.getLogger("ai_monitoring.web")


def metrics_endpoint(request: Request) -> Response:
    """The metrics of the middleware's registry, in the format that the scraper asks for; not counted as a request.

    401 where a bearer token is configured and not given, 503 where its file cannot be read. Not a coroutine: Starlette
    runs it in a thread, so that a long page does not hold up other requests.
    """
    measured = request.scope.get(SCOPE_KEY)
    if measured is not None:
        measured.skip()
    return metrics_response(request, measured.registry if measured is not None else REGISTRY)


def metrics_response(request: Request, registry: CollectorRegistry) -> Response:
    """The answer of a metrics route over `registry`."""
    try:
        allowed = authorized(request.headers.get("authorization"))
    except OSError as error:
        logger.error("The metrics cannot be served, since their token cannot be read: %s", error)
        return PlainTextResponse("The metrics token cannot be read\n", 503)
    if not allowed:
        return PlainTextResponse("A bearer token is needed\n", 401, {"WWW-Authenticate": "Bearer"})
    # uvicorn's workers are children of its first process, as is the one that it reloads while one develops.
    if parent_process() is not None and "--reload" not in sys.argv:
        warn_of_lone_worker()
    return answer(request, registry)
