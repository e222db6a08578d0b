"""Requests counted and timed by route template: the middleware that stands first."""

import sys
from asyncio import CancelledError
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.core.signals import got_request_exception
from django.http import HttpRequest, HttpResponseBase
from prometheus_client import REGISTRY, CollectorRegistry

from ai_monitoring.telemetry import spans
from ai_monitoring.web.django import queries
from ai_monitoring.web.django.configuration import configuration
from ai_monitoring.web.django.routes import endpoint
from ai_monitoring.web.django.streamed_spans import stream_inside
from ai_monitoring.web.django.streams import Stream, end_forgotten, forgotten
from ai_monitoring.web.meter import CLIENT_CLOSED, RequestMeter, clock
from ai_monitoring.web.request_spans import begin_server_span, end_server_span


class PrometheusMiddleware:
    """Counts and times every request, sync or async, to the last byte of its answer. The first in MIDDLEWARE.

    `registry` is where a subclass in a test counts instead.
    """

    sync_capable = True
    async_capable = True
    registry: CollectorRegistry = REGISTRY

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self._meter = RequestMeter("django", self.registry, configuration().slow_request_seconds)
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)
        got_request_exception.connect(_count_exception, dispatch_uid="ai_monitoring.requests")
        queries.install()

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self._is_async:
            return self._answer(request)
        started = self._started(request)
        try:
            if spans.is_on():
                with _begun_span(request).active():
                    response: HttpResponseBase = self.get_response(request)
            else:
                response = self.get_response(request)
        except BaseException as exception:
            self._raised(request, started, exception)
            raise
        self._finished(request, response, started)
        return response

    async def _answer(self, request: HttpRequest) -> HttpResponseBase:
        started = self._started(request)
        try:
            if spans.is_on():
                with _begun_span(request).active():
                    response: HttpResponseBase = await self.get_response(request)
            else:
                response = await self.get_response(request)
        except BaseException as exception:
            self._raised(request, started, exception)
            raise
        self._finished(request, response, started)
        return response

    def _started(self, request: Any) -> float:
        if forgotten:
            end_forgotten()
        request.ai_monitoring_meter = self._meter
        self._meter.started()
        return clock()

    def _finished(self, request: Any, response: Any, started: float) -> None:
        if getattr(response, "streaming", False):
            self._follow(request, response, started)
        else:
            self._count(request, getattr(response, "status_code", 500), started)

    def _count(self, request: HttpRequest, status: int, started: float) -> None:
        if "ai_monitoring_uncounted" in request.__dict__:
            return
        seconds = clock() - started
        # None, where the handler refused the request before it had a method.
        method = request.method or ""
        span = request.__dict__.get("ai_monitoring_span")
        headers = request.META
        route = endpoint(request)
        if span is None:
            self._meter.finished(method, route, status, seconds, lambda: headers.get("HTTP_TRACEPARENT"))
        else:
            own = span.traceparent
            self._meter.finished(method, route, status, seconds, lambda: own or headers.get("HTTP_TRACEPARENT"))
            end_server_span(span, method, route, status)

    def _follow(self, request: HttpRequest, response: Any, started: float) -> None:
        def ended() -> None:
            self._count(request, response_status, started)

        def failed(exception: Exception) -> None:
            self._meter.raised(endpoint(request), exception)
            span.fail(exception)

        response_status = response.status_code
        span = request.__dict__.get("ai_monitoring_span", spans.OFF)
        stream = Stream(ended, failed)
        try:
            if span is not spans.OFF:
                stream_inside(span, response)
            stream.follow(response)
        except Exception:
            self._meter.failed()
            stream.end()

    def _raised(self, request: HttpRequest, started: float, exception: BaseException) -> None:
        """Django answers exceptions itself: here are a cancelled request, an exit, DEBUG_PROPAGATE_EXCEPTIONS."""
        self._count(request, CLIENT_CLOSED if isinstance(exception, CancelledError) else 500, started)


def _begun_span(request: Any) -> spans.Span:
    span = begin_server_span(request.method or "", request.headers)
    request.ai_monitoring_span = span
    return span


def leave_uncounted(request: Any) -> None:
    """Make this request, which was begun, one that never was: called by the page of metrics itself."""
    meter = request.__dict__.get("ai_monitoring_meter")
    if meter is not None and not getattr(request, "ai_monitoring_uncounted", False):
        request.ai_monitoring_uncounted = True
        meter.dropped()


def _count_exception(request: Any = None, **_: Any) -> None:
    """Count what no view and no middleware handled, once a request: a propagated exception passes every layer."""
    meter = getattr(request, "__dict__", {}).pop("ai_monitoring_meter", None)
    exception = sys.exc_info()[1]
    if meter is not None and exception is not None:
        meter.raised(endpoint(request), exception)
        request.__dict__.get("ai_monitoring_span", spans.OFF).fail(exception)
