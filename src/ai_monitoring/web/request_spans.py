"""The spans of requests that come in and go out. With traces off, each of these is one look at a variable."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from ai_monitoring.telemetry import spans
from ai_monitoring.web.meter import METHODS, UNMATCHED


def begin_server_span(method: str, headers: Mapping[str, str]) -> spans.Span:
    """The span of a request that arrives, in the trace that its `traceparent` names.

    None is opened inside of another instrumentation's. The path is not told: it may name people, and the route is
    known at the end.
    """
    if spans.has_current():
        return spans.OFF
    known = _method(method)
    return spans.begin(_name(known), {"http.request.method": known}, kind="server", carrier=headers)


def end_server_span(span: spans.Span, method: str, endpoint: str, status: int) -> None:
    """End it under its route template, failed where the status says that the server failed."""
    known = _method(method)
    if endpoint != UNMATCHED:
        span.rename(f"{_name(known)} {endpoint}")
        span.set(http__route=endpoint)
    span.set(http__response__status_code=status)
    if status >= 500:
        span.fail(str(status))
    span.end()


@contextmanager
def client_span(callee: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Iterator[spans.Span]:
    """The span of a request that a client's `send` was called for, which then carries its `traceparent`.

    Of the address only host and port are told: paths and queries may hold names and keys.
    """
    if not spans.is_on():
        yield spans.OFF
        return
    request = args[0] if args else kwargs.get("request")
    with spans.span(*_described(request, callee), kind="client") as opened:
        spans.inject(getattr(request, "headers", None))
        yield opened


def answered(span: spans.Span, response: Any) -> None:
    """Tell a client's span of its answer."""
    status = getattr(response, "status_code", None)
    if isinstance(status, int):
        span.set(http__response__status_code=status)
        if status >= 400:
            span.fail(str(status))


def _described(request: Any, callee: str) -> tuple[str, dict[str, Any]]:
    method = _method(str(getattr(request, "method", "")))
    attributes: dict[str, Any] = {"http.request.method": method, "peer.service": callee}
    try:
        address = urlsplit(str(getattr(request, "url", "")))
        attributes["server.address"] = address.hostname or ""
        attributes["server.port"] = address.port or (443 if address.scheme == "https" else 80)
    except ValueError:
        pass  # the client will say what is wrong with its address
    return _name(method), attributes


def _method(method: str) -> str:
    return method if method in METHODS else "_OTHER"


def _name(method: str) -> str:
    return "HTTP" if method == "_OTHER" else method
