"""Calls between services, through real clients and a real server."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import sleep
from typing import Any

import httpx
import httpx2
import pytest
import requests
from prometheus_client import CollectorRegistry

from ai_monitoring.web.calls import Outcome, outcome_of, service_call, watch_client

Counts = Callable[[], dict[str, float]]


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/slow":
            sleep(0.5)
        self.send_response({"/broken": 503, "/missing": 404, "/moved": 302}.get(self.path, 200))
        if self.path == "/moved":
            self.send_header("Location", "/")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *args: Any) -> None:
        pass


class QuietServer(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that gives up is what some tests are about."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with QuietServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def counts(registry: CollectorRegistry) -> Counts:
    """The calls from a to b counted so far, by outcome."""

    def by_outcome() -> dict[str, float]:
        return {
            sample.labels["outcome"]: sample.value
            for family in registry.collect()
            for sample in family.samples
            if sample.name == "service_call_duration_seconds_count"
            and (sample.labels["caller"], sample.labels["callee"]) == ("a", "b")
        }

    return by_outcome


def test_every_outcome_of_a_known_call_starts_at_0(registry: CollectorRegistry, counts: Counts) -> None:
    service_call("a", "b", registry)

    assert counts() == {"ok": 0, "error": 0, "timeout": 0}


def test_a_block_is_timed(registry: CollectorRegistry, counts: Counts) -> None:
    with service_call("a", "b", registry):
        sleep(0.01)

    assert counts() == {"ok": 1, "error": 0, "timeout": 0}
    labels = {"caller": "a", "callee": "b", "outcome": "ok"}
    assert (registry.get_sample_value("service_call_duration_seconds_sum", labels) or 0) >= 0.01


def test_an_exception_passes_untouched_as_an_error(registry: CollectorRegistry, counts: Counts) -> None:
    error = ConnectionRefusedError()

    with pytest.raises(ConnectionRefusedError) as caught, service_call("a", "b", registry):
        raise error

    assert caught.value is error
    assert counts() == {"ok": 0, "error": 1, "timeout": 0}


def test_the_block_may_tell_the_outcome(registry: CollectorRegistry, counts: Counts) -> None:
    with service_call("a", "b", registry) as call:
        call.outcome = Outcome.ERROR

    assert counts()["error"] == 1


async def test_an_async_block(registry: CollectorRegistry, counts: Counts) -> None:
    async with service_call("a", "b", registry):
        await asyncio.sleep(0)

    assert counts()["ok"] == 1


async def test_a_wait_given_up_is_a_timeout(registry: CollectorRegistry, counts: Counts) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01), service_call("a", "b", registry):
            await asyncio.sleep(5)

    assert counts() == {"ok": 0, "error": 0, "timeout": 1}


def test_a_decorated_function(registry: CollectorRegistry, counts: Counts) -> None:
    @service_call("a", "b", registry)
    def double(number: int) -> int:
        return 2 * number

    assert [double(1), double(2)] == [2, 4]
    assert double.__name__ == "double"
    assert counts()["ok"] == 2


async def test_decorated_coroutines_that_overlap(registry: CollectorRegistry, counts: Counts) -> None:
    @service_call("a", "b", registry)
    async def wait(seconds: float) -> float:
        await asyncio.sleep(seconds)
        if seconds:
            raise TimeoutError
        return seconds

    results = await asyncio.gather(wait(0.02), wait(0), return_exceptions=True)

    assert isinstance(results[0], TimeoutError)
    assert counts() == {"ok": 1, "error": 0, "timeout": 1}


@pytest.mark.parametrize(
    "error",
    [
        TimeoutError(),
        httpx.ReadTimeout(""),
        httpx2.ConnectTimeout(""),
        requests.ReadTimeout(),
        requests.ConnectTimeout(),
    ],
)
def test_timeouts_by_name(error: Exception) -> None:
    assert outcome_of(error) is Outcome.TIMEOUT


def test_a_measurement_that_fails_stays_away_from_the_caller(registry: CollectorRegistry, counts: Counts) -> None:
    with service_call("a", "b", registry) as call:
        call.outcome = "unheard of"  # type: ignore[assignment]

    assert sum(counts().values()) == 0
    labels = {"component": "service_call"}
    assert registry.get_sample_value("ai_monitoring_instrumentation_errors_total", labels) == 1


@pytest.mark.parametrize("make", [httpx.Client, httpx2.Client, requests.Session])
def test_clients(server: str, registry: CollectorRegistry, counts: Counts, make: Callable[[], Any]) -> None:
    with watch_client(make(), caller="a", callee="b", registry=registry) as client:
        assert counts() == {"ok": 0, "error": 0, "timeout": 0}
        assert client.get(server).text == "ok"
        assert client.get(f"{server}/missing").status_code == 404
        assert client.get(f"{server}/broken").status_code == 503
        with pytest.raises(Exception, match=r"(?i)timed?.?out"):
            client.get(f"{server}/slow", timeout=0.05)
        with pytest.raises(Exception, match=r"(?i)refused"):
            client.get("http://127.0.0.1:1/")

    assert counts() == {"ok": 2, "error": 2, "timeout": 1}


@pytest.mark.parametrize("make", [httpx.AsyncClient, httpx2.AsyncClient])
async def test_async_clients(server: str, registry: CollectorRegistry, counts: Counts, make: Callable[[], Any]) -> None:
    async with watch_client(make(), caller="a", callee="b", registry=registry) as client:
        answers = await asyncio.gather(*(client.get(f"{server}/{path}") for path in ("", "missing", "broken")))
        assert [answer.status_code for answer in answers] == [200, 404, 503]
        with pytest.raises((httpx.ReadTimeout, httpx2.ReadTimeout)):
            await client.get(f"{server}/slow", timeout=0.05)

    assert counts() == {"ok": 2, "error": 1, "timeout": 1}


@pytest.mark.parametrize("make", [lambda: httpx2.Client(follow_redirects=True), requests.Session])
def test_a_redirect_is_part_of_its_call(
    server: str, registry: CollectorRegistry, counts: Counts, make: Callable[[], Any]
) -> None:
    with watch_client(make(), caller="a", callee="b", registry=registry) as client:
        assert client.get(f"{server}/moved").text == "ok"

    assert counts() == {"ok": 1, "error": 0, "timeout": 0}


def test_a_client_watched_twice_counts_once(server: str, registry: CollectorRegistry, counts: Counts) -> None:
    with httpx2.Client() as client:
        for _ in range(2):
            assert watch_client(client, caller="a", callee="b", registry=registry) is client
        client.get(server)

    assert counts()["ok"] == 1


def test_what_is_no_client_is_refused(registry: CollectorRegistry) -> None:
    with pytest.raises(TypeError, match="not str"):
        watch_client("https://example.org", caller="a", callee="b", registry=registry)
