"""Spans of Django's requests, through its own handlers."""

from collections.abc import AsyncIterator, Callable, Iterator
from itertools import pairwise
from typing import Any

import httpx2
import pytest
from asgi_apps import served, watched_starlette
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import AsyncClient, Client
from django.urls import path
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace import SpanKind, StatusCode, get_current_span
from prometheus_client import CollectorRegistry
from prometheus_client.openmetrics.exposition import generate_latest
from recorded_spans import Recorder, attributes, recorded_spans
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ai_monitoring.telemetry import spans
from ai_monitoring.web.calls import watch_client
from ai_monitoring.web.django import metrics_view

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def plain(request: HttpRequest, pk: int) -> HttpResponse:
    with spans.span("inside"):
        return HttpResponse("fine")


async def plain_async(request: HttpRequest, pk: int) -> HttpResponse:
    return plain(request, pk)


def raises(request: HttpRequest) -> HttpResponse:
    raise LookupError("no anna@example.org here")


def streams(request: HttpRequest) -> StreamingHttpResponse:
    def parts() -> Iterator[bytes]:
        yield b"a"
        with spans.span("part"):
            yield b"b"

    return StreamingHttpResponse(parts())


async def streams_async(request: HttpRequest) -> StreamingHttpResponse:
    async def parts() -> AsyncIterator[bytes]:
        yield b"a"
        with spans.span("part"):
            pass
        yield b"b"

    return StreamingHttpResponse(parts())


ROUTES = [
    path("items/<int:pk>/", plain),
    path("async/<int:pk>/", plain_async),
    path("raises/", raises),
    path("streams/", streams),
    path("streams/async/", streams_async),
    path("metrics/", metrics_view),
]


@pytest.fixture
def recorder(project: Any) -> Iterator[Recorder]:
    project(ROUTES)
    with recorded_spans() as recorder:
        yield recorder


def test_a_request_is_a_span_under_its_route(recorder: Recorder, registry: CollectorRegistry) -> None:
    Client().get("/items/7/?key=secret", headers={"traceparent": TRACEPARENT})

    span = recorder["GET /items/<int:pk>/"]
    assert span.kind is SpanKind.SERVER
    assert span.parent is not None
    assert f"{span.parent.trace_id:032x}-{span.parent.span_id:016x}" == TRACEPARENT[3:52]
    assert attributes(span) == {
        "http.request.method": "GET",
        "http.route": "/items/<int:pk>/",
        "http.response.status_code": 200,
    }
    assert recorder["inside"].parent == span.context
    assert "secret" not in recorder.text()
    assert f'span_id="{span.context.span_id:016x}"' in generate_latest(registry).decode()


async def test_an_async_request(recorder: Recorder) -> None:
    await AsyncClient().get("/async/7/")

    assert recorder["inside"].parent == recorder["GET /async/<int:pk>/"].context


def test_an_exception_is_told_by_its_class(recorder: Recorder) -> None:
    Client(raise_request_exception=False).get("/raises/")

    span = recorder["GET /raises/"]
    assert span.status.status_code is StatusCode.ERROR
    assert attributes(span)["error.type"] == "LookupError"
    assert "anna" not in recorder.text()


def test_a_scrape_and_a_request_inside_of_another_span_open_none(recorder: Recorder) -> None:
    Client().get("/metrics/")
    with recorder.tracer.start_as_current_span("theirs"):
        Client().get("/items/7/")

    assert recorder.names() == ["inside", "theirs"]


def test_the_parts_of_a_stream_are_made_inside_of_its_span(recorder: Recorder) -> None:
    response: Any = Client().get("/streams/")
    assert recorder.names() == []
    parts = iter(response.streaming_content)
    assert next(parts) == b"a"
    # Between two parts the server's thread is not the request's.
    assert not get_current_span().get_span_context().is_valid
    assert list(parts) == [b"b"]
    assert recorder.names() == ["part", "GET /streams/"]
    assert recorder["part"].parent == recorder["GET /streams/"].context


async def test_the_parts_of_an_async_stream(recorder: Recorder) -> None:
    response: Any = await AsyncClient().get("/streams/async/")
    assert [part async for part in response.streaming_content] == [b"a", b"b"]

    assert recorder.names() == ["part", "GET /streams/async/"]
    assert recorder["part"].parent == recorder["GET /streams/async/"].context


def test_a_stream_that_nobody_reads_to_its_end(recorder: Recorder) -> None:
    response: Any = Client().get("/streams/")
    next(iter(response.streaming_content))
    response.close()

    assert recorder.names() == ["GET /streams/"]


def test_what_sampling_drops_is_counted(project: Any, value: Callable[..., float]) -> None:
    project(ROUTES)
    with recorded_spans(ALWAYS_OFF) as recorder:
        Client().get("/items/7/")
        assert recorder.names() == []

    assert value("django_requests_total", method="GET", endpoint="/items/<int:pk>/", status="200") == 1


def test_one_trace_through_django_and_two_asgi_services(project: Any, registry: CollectorRegistry) -> None:
    def end(request: Request) -> Response:
        return PlainTextResponse("here")

    def middle(request: Request) -> Response:
        return PlainTextResponse(clients["end"].get("/end/7").text)

    def first(request: HttpRequest) -> HttpResponse:
        return HttpResponse(clients["middle"].get("/middle").text)

    project([path("first/", first)])
    clients: dict[str, httpx2.Client] = {}
    with (
        served(watched_starlette(registry, Route("/end/{item}", end))) as end_address,
        served(watched_starlette(registry, Route("/middle", middle))) as middle_address,
        httpx2.Client(base_url=end_address) as clients["end"],
        httpx2.Client(base_url=middle_address) as clients["middle"],
        recorded_spans() as recorder,
    ):
        watch_client(clients["end"], caller="middle", callee="end", registry=registry)
        watch_client(clients["middle"], caller="first", callee="middle", registry=registry)
        assert Client().get("/first/").content == b"here"
        spans_by_end = recorder.all()

    # The innermost ends first: each span's parent is the one that ended next.
    names = ["GET /end/{item}", "GET", "GET /middle", "GET", "GET /first/"]
    assert [span.name for span in spans_by_end] == names
    for child, parent in pairwise(spans_by_end):
        assert child.parent is not None
        assert (child.parent.trace_id, child.parent.span_id) == (parent.context.trace_id, parent.context.span_id)
    assert spans_by_end[-1].parent is None
