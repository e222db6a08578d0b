import gc
from collections.abc import AsyncIterator, Callable, Iterator
from io import BytesIO
from typing import Any

import django
import pytest
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory
from django.urls import path

Value = Callable[..., float]


@pytest.fixture
def followed(value: Value) -> Callable[[], tuple[float, float]]:
    """Requests counted under the stream's route, and in progress."""

    def read() -> tuple[float, float]:
        count = value("django_requests_total", method="GET", endpoint="/stream/", status="200")
        assert count == value("django_request_duration_seconds_count", method="GET", endpoint="/stream/")
        return count, value("django_requests_in_progress")

    return read


Followed = Callable[[], tuple[float, float]]


def parts() -> Iterator[bytes]:
    yield from (b"one ", b"two ", b"three")


def breaks() -> Iterator[bytes]:
    yield b"one "
    raise LookupError("half-way")


def serve() -> Any:
    """The WSGI answer, unread."""
    return handle(RequestFactory().get("/stream/").environ)


def handle(environ: dict[str, Any]) -> Any:
    handler: Any = WSGIHandler()
    return handler(environ, lambda *_: None)


def stream(content: Callable[[], Any]) -> list[Any]:
    return [path("stream/", lambda request: StreamingHttpResponse(content()))]


def test_a_stream_counts_at_its_last_byte(project: Any, followed: Followed) -> None:
    project(stream(parts))
    answer = iter(serve())

    assert next(answer) == b"one "
    assert followed() == (0, 1)
    assert list(answer) == [b"two ", b"three"]
    assert followed() == (1, 0)


def test_closing_a_stream_that_was_read_counts_no_more(project: Any, followed: Followed) -> None:
    project(stream(parts))
    answer = serve()
    list(answer)
    answer.close()
    answer.close()

    assert followed() == (1, 0)


@pytest.mark.parametrize("reads", [0, 1])
def test_a_client_that_leaves_counts_at_closing(project: Any, followed: Followed, reads: int) -> None:
    project(stream(parts))
    answer = serve()
    iterator = iter(answer)
    for _ in range(reads):
        next(iterator)
    assert followed() == (0, 1)
    answer.close()

    assert followed() == (1, 0)


def test_an_iterator_that_raises_counts_and_passes_its_exception(
    project: Any, followed: Followed, value: Value
) -> None:
    project(stream(breaks))
    answer = serve()
    with pytest.raises(LookupError, match="half-way"):
        list(answer)
    answer.close()

    assert followed() == (1, 0)
    assert value("django_exceptions_total", endpoint="/stream/", exception="LookupError") == 1


def test_the_application_learns_of_the_closing(project: Any) -> None:
    closed: list[bool] = []

    class Content(BytesIO):
        def close(self) -> None:
            closed.append(True)
            super().close()

    project([path("stream/", lambda request: StreamingHttpResponse(Content(b"one")))])
    answer = serve()
    answer.close()

    assert closed


def test_a_response_that_a_middleware_throws_away_counts(project: Any, followed: Followed) -> None:
    class Outer:
        def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
            self.get_response = get_response

        def __call__(self, request: HttpRequest) -> HttpResponse:
            self.get_response(request)
            return HttpResponse("something else")

    module = project(stream(parts))
    module.Outer = Outer
    from django.test import override_settings

    with override_settings(MIDDLEWARE=[f"{module.__name__}.{name}" for name in ("Outer", "Requests")]):
        Client().get("/stream/")
        gc.collect()
        # The collector may have interrupted a thread that holds the counter's lock.
        assert followed() == (0, 1)
        Client().get("/another/")
        gc.collect()

    assert followed() == (1, 0)


def test_a_stream_left_half_way_counts_with_the_next_request(project: Any, followed: Followed) -> None:
    project(stream(parts))
    answer: Any = [iter(serve())]
    next(answer.pop())
    gc.collect()
    assert followed() == (0, 1)
    Client().get("/another/")

    assert followed() == (1, 0)


def test_a_file_goes_to_the_server_as_it_is(project: Any, followed: Followed) -> None:
    taken: list[Any] = []

    def wrapper(file: Any, size: int) -> Any:
        taken.append(file)
        return file

    project([path("stream/", lambda request: FileResponse(BytesIO(b"content")))])
    environ = {**RequestFactory().get("/stream/").environ, "wsgi.file_wrapper": wrapper}
    answer = handle(environ)
    assert taken[0].read() == b"content"
    assert followed() == (0, 1)
    answer.close()

    assert followed() == (1, 0)


def test_a_stream_of_another_make_is_counted_and_left_alone(project: Any, value: Value) -> None:
    class Own(HttpResponse):
        streaming = True

    project([path("stream/", lambda request: Own("content"))])

    assert serve().status_code == 200
    assert value("django_requests_total", method="GET", endpoint="/stream/", status="200") == 1
    assert value("django_requests_in_progress") == 0


def test_a_compressed_stream_counts_once(project: Any, followed: Followed) -> None:
    project(stream(parts), ["django.middleware.gzip.GZipMiddleware"])
    response: Any = Client().get("/stream/", headers={"accept-encoding": "gzip"})
    assert b"".join(response)[:2] == b"\x1f\x8b"

    assert followed() == (1, 0)


async def parts_async() -> AsyncIterator[bytes]:
    for part in parts():
        yield part


async def breaks_async() -> AsyncIterator[bytes]:
    for part in breaks():
        yield part


async def serve_asgi(leave_after: int | None = None) -> list[bytes]:
    """The bodies sent; the client leaves after so many of them."""
    import asyncio

    gone = asyncio.Event()
    asked: list[bool] = []
    sent: list[bytes] = []

    async def receive() -> dict[str, Any]:
        if not asked:
            asked.append(True)
            return {"type": "http.request", "body": b""}
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message.get("body"):
            sent.append(message["body"])
            if len(sent) == leave_after:
                gone.set()
                await asyncio.sleep(60)

    scope = {"type": "http", "method": "GET", "path": "/stream/", "query_string": b"", "headers": []}
    await ASGIHandler()(scope, receive, send)
    return sent


@pytest.mark.parametrize("content", [parts_async, parts])
@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume synchronous iterators")
async def test_a_stream_counts_under_asgi(project: Any, followed: Followed, content: Callable[[], Any]) -> None:
    project(stream(content))

    assert await serve_asgi() == [b"one ", b"two ", b"three"]
    assert followed() == (1, 0)


@pytest.mark.skipif(django.VERSION < (5, 0), reason="Django 4.2 does not notice that a client leaves")
async def test_a_client_that_leaves_a_stream_counts_under_asgi(project: Any, followed: Followed) -> None:
    project(stream(parts_async))

    assert await serve_asgi(leave_after=1) == [b"one "]
    assert followed() == (1, 0)


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # Django leaves the request's body open
async def test_an_iterator_that_raises_counts_under_asgi(project: Any, followed: Followed, value: Value) -> None:
    project(stream(breaks_async))
    with pytest.raises(LookupError, match="half-way"):
        await serve_asgi()
    gc.collect()

    assert followed() == (1, 0)
    assert value("django_exceptions_total", endpoint="/stream/", exception="LookupError") == 1
