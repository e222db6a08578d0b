"""The page that Prometheus scrapes: `path("metrics/", metrics_view)`."""

import logging
import os
from functools import lru_cache
from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import REGISTRY
from prometheus_client.metrics_core import Metric as Family

from ai_monitoring.metrics.exposition import ScrapeCollector, authorized, expose, warn_of_lone_worker
from ai_monitoring.metrics.instrument import instrument
from ai_monitoring.web.django import databases, queries, sessions
from ai_monitoring.web.django.configuration import configuration
from ai_monitoring.web.django.readings import Source, read_all
from ai_monitoring.web.django.requests import leave_uncounted

logger = logging.getLogger("ai_monitoring.web")


@require_safe
def metrics_view(request: HttpRequest) -> HttpResponse:
    """The metrics, in the format that the scraper asks for; not counted as a request.

    401 where a bearer token is configured and not given, 503 where its file cannot be read.
    """
    leave_uncounted(request)
    try:
        allowed = authorized(request.META.get("HTTP_AUTHORIZATION"))
    except OSError as error:
        logger.error("The metrics cannot be served, since their token cannot be read: %s", error)
        return HttpResponse("The metrics token cannot be read\n", status=503, content_type="text/plain")
    if not allowed:
        headers = {"WWW-Authenticate": "Bearer"}
        return HttpResponse("A bearer token is needed\n", status=401, headers=headers, content_type="text/plain")
    # WSGI servers tell; Django's ASGI requests always say yes.
    if isinstance(request, WSGIRequest) and request.META.get("wsgi.multiprocess"):
        warn_of_lone_worker()
    content, content_type = expose(request.META.get("HTTP_ACCEPT", ""), collectors=_collectors())
    return HttpResponse(content, content_type=content_type)


class _EveryDatabase(set[str]):
    """The aliases for which a view is in no transaction: ATOMIC_REQUESTS would make the page need every database."""

    def __contains__(self, alias: object) -> bool:
        return True


view: Any = metrics_view
view._non_atomic_requests = _EveryDatabase()
# Django's LoginRequiredMiddleware: Prometheus has a token, not a session.
view.login_required = False


class _Readings:
    """Families that were read before the page began, so that their failures are on it too."""

    def __init__(self, families: list[Family]) -> None:
        self._families = families

    def collect(self) -> list[Family]:
        return self._families


def _collectors() -> list[ScrapeCollector]:
    errors = instrument("ai_monitoring_instrumentation_errors_total", REGISTRY)
    try:
        families = read_all(sources(), configuration().scrape_timeout_seconds, lambda name: errors[name].inc())
    except Exception:
        errors["django_metrics_page"].inc()
        logger.warning("The readings for the metrics page failed", exc_info=True)
        families = []
    # With several workers the files of the shared folder hold the queries' times too.
    own = [] if "PROMETHEUS_MULTIPROC_DIR" in os.environ else [queries.REGISTRY]
    return [_Readings(families), *own]


@lru_cache(maxsize=1)
def sources() -> tuple[Source, ...]:
    sources = (sessions.source(), *databases.sources())
    errors = instrument("ai_monitoring_instrumentation_errors_total", REGISTRY)
    for source in sources:
        errors[source.component].inc(0)
    return sources
