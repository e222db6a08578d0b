"""Spans of requests to and between real ASGI services."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import pairwise
from typing import Any

import httpx
import httpx2
import pytest
import requests
from asgi_apps import client_of, served, watched_fastapi
from fastapi import BackgroundTasks, FastAPI, HTTPException, Request, WebSocket
from fastapi.responses import StreamingResponse
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace import SpanKind, StatusCode
from prometheus_client import CollectorRegistry
from prometheus_client.openmetrics.exposition import generate_latest
from recorded_spans import Recorder, attributes, recorded_spans

from ai_monitoring.telemetry import spans
from ai_monitoring.web.asgi import metrics_endpoint
from ai_monitoring.web.calls import watch_client

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with recorded_spans() as recorder:
        yield recorder


def small_app(registry: CollectorRegistry) -> FastAPI:
    app = watched_fastapi(registry)
    app.get("/metrics")(metrics_endpoint)

    @app.get("/items/{item}")
    async def item(item: str, request: Request) -> str | None:
        with spans.span("inside"):
            return request.headers.get("traceparent")

    @app.get("/refused")
    async def refused() -> None:
        raise HTTPException(403)

    @app.get("/broken")
    async def broken() -> None:
        raise LookupError("no anna@example.org here")

    return app


def test_a_request_is_a_span_under_its_route(registry: CollectorRegistry, recorder: Recorder) -> None:
    client_of(small_app(registry)).get("/items/7?key=secret", headers={"traceparent": TRACEPARENT})

    span = recorder["GET /items/{item}"]
    assert span.kind is SpanKind.SERVER
    assert span.parent is not None
    assert f"{span.parent.trace_id:032x}-{span.parent.span_id:016x}" == TRACEPARENT[3:52]
    assert attributes(span) == {
        "http.request.method": "GET",
        "http.route": "/items/{item}",
        "http.response.status_code": 200,
    }
    assert recorder["inside"].parent == span.context
    assert "secret" not in recorder.text()


def test_an_exception_and_a_refusal(registry: CollectorRegistry, recorder: Recorder) -> None:
    client = client_of(small_app(registry))
    client.get("/broken")
    client.get("/refused")

    broken, refused = recorder["GET /broken"], recorder["GET /refused"]
    assert broken.status.status_code is StatusCode.ERROR
    assert attributes(broken)["error.type"] == "LookupError"
    assert attributes(broken)["http.response.status_code"] == 500
    assert refused.status.status_code is StatusCode.UNSET
    assert "anna" not in recorder.text()


def test_what_is_no_route_or_method_has_no_name_of_its_own(registry: CollectorRegistry, recorder: Recorder) -> None:
    client = client_of(small_app(registry))
    client.get("/people/anna")
    client.request("STEAL", "/items/7")

    assert recorder.names() == ["GET", "HTTP /items/{item}"]
    assert attributes(recorder["GET"]) == {"http.request.method": "GET", "http.response.status_code": 404}
    assert attributes(recorder["HTTP /items/{item}"])["http.request.method"] == "_OTHER"


def test_a_scrape_and_a_websocket_have_no_span(registry: CollectorRegistry, recorder: Recorder) -> None:
    app = small_app(registry)

    @app.websocket("/live")
    async def live(socket: WebSocket) -> None:
        await socket.accept()
        await socket.close()

    assert client_of(app).get("/metrics").status_code == 200
    with client_of(app).websocket_connect("/live"):
        pass

    assert recorder.names() == []


def test_a_stream_ends_its_span_with_the_last_byte(registry: CollectorRegistry, recorder: Recorder) -> None:
    app = watched_fastapi(registry)
    names_meanwhile: list[list[str]] = []

    async def parts() -> AsyncIterator[bytes]:
        yield b"a"
        with spans.span("part"):
            await asyncio.sleep(0)
        names_meanwhile.append(recorder.names())
        yield b"b"

    def later() -> None:
        names_meanwhile.append(recorder.names())

    @app.get("/stream")
    async def stream(background: BackgroundTasks) -> StreamingResponse:
        background.add_task(later)
        return StreamingResponse(parts(), background=background)

    client_of(app).get("/stream")

    assert names_meanwhile == [["part"], ["part", "GET /stream"]]
    assert recorder["part"].parent == recorder["GET /stream"].context


def test_no_span_inside_of_another_instrumentations(registry: CollectorRegistry, recorder: Recorder) -> None:
    app = small_app(registry)

    async def instrumented(scope: Any, receive: Any, send: Any) -> None:
        with recorder.tracer.start_as_current_span("theirs"):
            await app(scope, receive, send)

    client_of(instrumented).get("/items/7")

    assert recorder.names() == ["inside", "theirs"]


def test_what_sampling_drops_is_counted_and_has_no_exemplar(registry: CollectorRegistry) -> None:
    with recorded_spans(ALWAYS_OFF) as recorder:
        client_of(small_app(registry)).get("/items/7")
        assert recorder.names() == []

    page = generate_latest(registry).decode()
    assert 'fastapi_requests_total{endpoint="/items/{item}",method="GET",status="200"} 1.0' in page
    assert "trace_id" not in page


def test_exemplars_carry_the_span_of_the_request(registry: CollectorRegistry, recorder: Recorder) -> None:
    client = client_of(small_app(registry))
    client.get("/items/7")
    client.get("/broken")

    page = generate_latest(registry).decode()
    for name in ("GET /items/{item}", "GET /broken"):
        assert f'span_id="{recorder[name].context.span_id:016x}"' in page


@pytest.mark.parametrize("make", [httpx.Client, httpx2.Client, requests.Session])
def test_a_watched_client_carries_the_trace_on(
    registry: CollectorRegistry, recorder: Recorder, make: Callable[[], Any]
) -> None:
    with (
        served(small_app(registry)) as address,
        watch_client(make(), caller="a", callee="b", registry=registry) as client,
        spans.span("page"),
    ):
        sent = client.get(f"{address}/items/7?key=secret").json()

    call, answered = recorder["GET"], recorder["GET /items/{item}"]
    assert call.parent == recorder["page"].context
    assert sent[3:52] == f"{call.context.trace_id:032x}-{call.context.span_id:016x}"
    assert answered.parent is not None
    assert (answered.parent.trace_id, answered.parent.span_id) == (call.context.trace_id, call.context.span_id)
    assert call.kind is SpanKind.CLIENT
    assert attributes(call) == {
        "http.request.method": "GET",
        "http.response.status_code": 200,
        "peer.service": "b",
        "server.address": "127.0.0.1",
        "server.port": int(address.rpartition(":")[2]),
    }
    assert "secret" not in recorder.text()


async def test_an_async_client_carries_the_trace_on(registry: CollectorRegistry, recorder: Recorder) -> None:
    with served(small_app(registry)) as address:
        async with watch_client(httpx2.AsyncClient(), caller="a", callee="b", registry=registry) as client:
            await asyncio.gather(*(client.get(f"{address}/items/{number}") for number in range(3)))

    calls = {span.context.span_id for span in recorder.all() if span.kind is SpanKind.CLIENT}
    answers = [span for span in recorder.all() if span.kind is SpanKind.SERVER]
    assert {span.parent.span_id for span in answers if span.parent} == calls
    assert len({span.context.trace_id for span in answers}) == 3


def test_calls_that_fail_are_failed_spans(registry: CollectorRegistry, recorder: Recorder) -> None:
    with watch_client(httpx2.Client(), caller="a", callee="b", registry=registry) as client:
        with served(small_app(registry)) as address:
            client.get(f"{address}/broken")
        with pytest.raises(httpx2.ConnectError):
            client.get("http://127.0.0.1:1/")

    failed = [attributes(span).get("error.type") for span in recorder.all() if span.kind is SpanKind.CLIENT]
    assert failed == ["500", "ConnectError"]


def test_a_request_stays_as_it_is_while_traces_are_off(registry: CollectorRegistry) -> None:
    with (
        served(small_app(registry)) as address,
        watch_client(httpx2.Client(), caller="a", callee="b", registry=registry) as client,
    ):
        assert client.get(f"{address}/items/7").json() is None


def test_one_trace_through_two_services(registry: CollectorRegistry, recorder: Recorder) -> None:
    with served(small_app(registry)) as inner, httpx2.Client() as plain:
        client = watch_client(httpx2.Client(base_url=inner), caller="gateway", callee="inner", registry=registry)
        gateway = watched_fastapi(registry)

        @gateway.get("/gateway")
        def through() -> None:
            client.get("/items/7")

        with served(gateway) as outer:
            assert plain.get(f"{outer}/gateway").status_code == 200
        client.close()

    assert len({span.context.trace_id for span in recorder.all()}) == 1
    chain = [recorder[name] for name in ("GET /gateway", "GET", "GET /items/{item}", "inside")]
    for parent, child in pairwise(chain):
        assert child.parent is not None
        assert child.parent.span_id == parent.context.span_id
