"""Requests to FastAPI and Starlette applications under PrometheusMiddleware."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from asgi_apps import client_of, watched_fastapi, watched_starlette
from fastapi import HTTPException
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket

from ai_monitoring.web.asgi import PrometheusMiddleware

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

Send = Callable[[Any], Any]
Counted = Callable[[], dict[tuple[str, str, str], float]]


def hello(request: Request) -> Response:
    return PlainTextResponse("hello")


async def socket(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.close()


def seconds(registry: CollectorRegistry, endpoint: str, method: str = "GET") -> float:
    value = registry.get_sample_value("fastapi_request_duration_seconds_sum", {"method": method, "endpoint": endpoint})
    assert value is not None
    return value


def in_progress(registry: CollectorRegistry) -> float | None:
    return registry.get_sample_value("fastapi_requests_in_progress")


def exceptions(registry: CollectorRegistry, endpoint: str, exception: str) -> float | None:
    return registry.get_sample_value("fastapi_exceptions_total", {"endpoint": endpoint, "exception": exception})


def scope_of(path: str, **more: Any) -> dict[str, Any]:
    scope = {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b"", "root_path": ""}
    return {**scope, "asgi": {"version": "3.0", "spec_version": "2.4"}, **more}


async def no_body() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}


async def swallow(message: Any) -> None:
    pass


class TestWhatIsCounted:
    def test_status_and_time_of_a_request(self, registry: CollectorRegistry, counted: Counted) -> None:
        app = watched_fastapi(registry)

        @app.get("/teapot")
        async def teapot() -> None:
            await asyncio.sleep(0.02)
            raise HTTPException(418)

        client_of(app).get("/teapot")

        assert counted() == {("GET", "/teapot", "418"): 1}
        assert seconds(registry, "/teapot") >= 0.02
        assert in_progress(registry) == 0

    def test_a_stream_is_timed_to_its_last_byte(self, registry: CollectorRegistry) -> None:
        async def chunks() -> AsyncIterator[bytes]:
            yield b"first"
            await asyncio.sleep(0.05)
            assert in_progress(registry) == 1
            yield b"last"

        app = watched_starlette(registry, Route("/stream", lambda request: StreamingResponse(chunks())))

        assert client_of(app).get("/stream").content == b"firstlast"
        assert seconds(registry, "/stream") >= 0.05

    def test_a_background_task_adds_no_time(self, registry: CollectorRegistry, counted: Counted) -> None:
        counted_before_task: list[float | None] = []

        async def task() -> None:
            counted_before_task.append(in_progress(registry))

        def answer(request: Request) -> Response:
            return PlainTextResponse("done", background=BackgroundTask(task))

        client_of(watched_starlette(registry, Route("/", answer))).get("/")

        assert counted_before_task == [0]
        assert counted() == {("GET", "/", "200"): 1}

    def test_an_exception_is_counted_and_passed_on_untouched(
        self, registry: CollectorRegistry, counted: Counted
    ) -> None:
        error = LookupError("broken")

        def broken(request: Request) -> Response:
            raise error

        app = watched_starlette(registry, Route("/broken/{item}", broken))

        with pytest.raises(LookupError) as caught:
            TestClient(app).get("/broken/7")
        assert caught.value is error
        assert counted() == {("GET", "/broken/{item}", "500"): 1}
        assert exceptions(registry, "/broken/{item}", "LookupError") == 1
        assert in_progress(registry) == 0

    def test_an_exception_within_a_stream_counts_as_500(self, registry: CollectorRegistry, counted: Counted) -> None:
        async def chunks() -> AsyncIterator[bytes]:
            yield b"first"
            raise FileNotFoundError("the application's own OSError")

        app = watched_starlette(registry, Route("/stream", lambda request: StreamingResponse(chunks())))

        client_of(app).get("/stream")

        assert counted() == {("GET", "/stream", "500"): 1}
        assert in_progress(registry) == 0

    def test_an_exception_of_a_background_task_leaves_the_answer_counted(
        self, registry: CollectorRegistry, counted: Counted
    ) -> None:
        def task() -> None:
            raise ValueError("too late")

        def answer(request: Request) -> Response:
            return PlainTextResponse("done", background=BackgroundTask(task))

        client_of(watched_starlette(registry, Route("/", answer))).get("/")

        assert counted() == {("GET", "/", "200"): 1}
        assert exceptions(registry, "/", "ValueError") == 1
        assert in_progress(registry) == 0

    async def test_an_application_that_answers_nothing_counts_as_500(
        self, registry: CollectorRegistry, counted: Counted
    ) -> None:
        async def silent(scope: Any, receive: Any, send: Any) -> None:
            pass

        await PrometheusMiddleware(silent, registry)(scope_of("/"), no_body, swallow)

        assert counted() == {("GET", "unmatched", "500"): 1}

    def test_websockets_and_lifespan_pass_unmeasured(self, registry: CollectorRegistry, counted: Counted) -> None:
        app = watched_starlette(registry, WebSocketRoute("/socket", socket))

        with TestClient(app) as client, client.websocket_connect("/socket"):
            assert in_progress(registry) == 0
        assert counted() == {}

    def test_a_request_watched_twice_counts_once(self, registry: CollectorRegistry, counted: Counted) -> None:
        inner = watched_starlette(registry, Route("/items/{item}", hello))
        outer = watched_starlette(registry, Mount("/sub", app=inner))

        client_of(outer).get("/sub/items/7")

        assert counted() == {("GET", "/sub/items/{item}", "200"): 1}

    def test_a_slow_request_is_logged(self, registry: CollectorRegistry, caplog: pytest.LogCaptureFixture) -> None:
        app = PrometheusMiddleware(Starlette(routes=[Route("/{item}", hello)]), registry, slow_seconds=0)

        client_of(app).get("/secret-in-path")

        assert "Slow request: GET /{item} answered 200 after 0.0" in caplog.text
        assert "secret" not in caplog.records[-1].getMessage()

    def test_the_first_request_of_a_series_carries_its_trace(self, registry: CollectorRegistry) -> None:
        app = watched_starlette(registry, Route("/", hello))

        client_of(app).get("/", headers={"traceparent": TRACEPARENT})

        exemplars = [sample.exemplar for family in registry.collect() for sample in family.samples if sample.exemplar]
        assert [exemplar.labels["trace_id"] for exemplar in exemplars] == [TRACEPARENT.split("-")[1]]


class TestClientsThatGoAway:
    @pytest.mark.parametrize(("sent", "status"), [(False, "499"), (True, "200")])
    async def test_a_cancelled_request_counts_once(
        self, registry: CollectorRegistry, counted: Counted, sent: bool, status: str
    ) -> None:
        async def endless(scope: Any, receive: Any, send: Send) -> None:
            if sent:
                await send({"type": "http.response.start", "status": 200})
            await asyncio.sleep(60)

        task = asyncio.create_task(PrometheusMiddleware(endless, registry)(scope_of("/"), no_body, swallow))
        await asyncio.sleep(0)
        assert in_progress(registry) == 1
        task.cancel()

        with pytest.raises(asyncio.CancelledError):
            await task
        assert counted() == {("GET", "unmatched", status): 1}
        assert in_progress(registry) == 0

    async def test_a_broken_connection_is_no_exception_of_the_application(
        self, registry: CollectorRegistry, counted: Counted
    ) -> None:
        async def chunks() -> AsyncIterator[bytes]:
            yield b"first"
            yield b"second"

        async def send(message: Any) -> None:
            if message.get("body") == b"second":
                raise BrokenPipeError

        app = watched_starlette(registry, Route("/stream", lambda request: StreamingResponse(chunks())))

        with pytest.raises(ClientDisconnect):
            await app(scope_of("/stream"), no_body, send)
        assert counted() == {("GET", "/stream", "200"): 1}
        assert exceptions(registry, "/stream", "BrokenPipeError") is None
        assert exceptions(registry, "/stream", "ClientDisconnect") is None
        assert in_progress(registry) == 0

    async def test_a_connection_that_breaks_before_any_answer(
        self, registry: CollectorRegistry, counted: Counted
    ) -> None:
        async def read(request: Request) -> Response:
            return PlainTextResponse(await request.body())

        async def gone() -> dict[str, str]:
            return {"type": "http.disconnect"}

        app = watched_starlette(registry, Route("/", read, methods=["POST"]))

        with pytest.raises(ClientDisconnect):
            await app(scope_of("/", method="POST"), gone, swallow)
        assert counted() == {("POST", "/", "499"): 1}
        assert in_progress(registry) == 0

    async def test_a_broken_connection_under_a_plain_function(
        self, registry: CollectorRegistry, counted: Counted
    ) -> None:
        class Sender:
            async def __call__(self, message: Any) -> None:
                raise ConnectionResetError

        async def app(scope: Any, receive: Any, send: Send) -> None:
            await send({"type": "http.response.start", "status": 200})

        with pytest.raises(ConnectionResetError):
            await PrometheusMiddleware(app, registry)(scope_of("/"), no_body, Sender())
        assert counted() == {("GET", "unmatched", "200"): 1}
        assert exceptions(registry, "unmatched", "ConnectionResetError") is None


class TestInstrumentationStaysOutOfTheWay:
    def test_an_error_of_ours_is_counted_and_the_request_answered(
        self, registry: CollectorRegistry, counted: Counted
    ) -> None:
        class Strange(Route):
            @property
            def path_format(self) -> str:
                raise RuntimeError("a route we do not understand")

            @path_format.setter
            def path_format(self, value: str) -> None:
                pass

        app = watched_starlette(registry, Strange("/", hello))

        assert client_of(app).get("/").text == "hello"
        assert counted() == {("GET", "unmatched", "200"): 1}
        errors = {"component": "fastapi_middleware"}
        assert registry.get_sample_value("ai_monitoring_instrumentation_errors_total", errors) == 1


SERVICE = """
import asyncio, os, shutil
from ai_monitoring.web.asgi import AuthFailureMiddleware, PrometheusMiddleware
from ai_monitoring.web.calls import service_call

async def refuses(scope, receive, send):
    await send({"type": "http.response.start", "status": 401, "headers": []})
    await send({"type": "http.response.body"})

app = PrometheusMiddleware(AuthFailureMiddleware(refuses))
shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"])
if os.fork() == 0:
    sent = []
    async def send(message):
        sent.append(message["type"])
    for _ in range(2):
        asyncio.run(app({"type": "http", "method": "GET", "path": "/", "headers": []}, None, send))
        with service_call("here", "there"):
            sent.append("called")
    print(*sent, flush=True)
    os._exit(0)
os.wait()
"""


def test_a_worker_that_finds_its_folder_gone_still_answers(tmp_path: Path) -> None:
    folder = tmp_path / "metrics"
    folder.mkdir()
    environ = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(folder)}
    command = [sys.executable, "-c", SERVICE]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)

    assert done.stdout.split() == ["http.response.start", "http.response.body", "called"] * 2, done.stderr
