"""Several worker processes behind one port: the numbers are those of the service, whichever worker is scraped."""

import os
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from time import monotonic, sleep

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families

APP = """
import asyncio
import os

from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from ai_monitoring.web.asgi import PrometheusMiddleware, metrics_endpoint

app = FastAPI()
app.add_middleware(PrometheusMiddleware)
app.get("/metrics")(metrics_endpoint)


@app.get("/items/{item}")
async def item(item: int) -> int:
    return os.getpid()


@app.get("/hang")
async def hang() -> StreamingResponse:
    async def chunks():
        yield str(os.getpid())
        await asyncio.sleep(600)

    return StreamingResponse(chunks())
"""

REQUESTS = 60

# A connection for each request, since a worker keeps those that it accepted.
CLIENT = httpx2.Client(limits=httpx2.Limits(max_keepalive_connections=0), timeout=10)


def until(condition: Callable[[], bool], what: str, seconds: float = 20) -> None:
    deadline = monotonic() + seconds
    while not condition():
        assert monotonic() < deadline, f"{what} within {seconds} s"
        sleep(0.05)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[str]:
    """The address of a service with two uvicorn workers."""
    (tmp_path / "service.py").write_text(APP)
    (tmp_path / "metrics").mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "service:app", "--workers=2", f"--port={port}", "--log-level=warning"],
        cwd=tmp_path,
        env={**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "metrics")},
    ) as server:
        try:
            address = f"http://127.0.0.1:{port}"
            until(lambda: answers(address), "the service answers")
            yield address
        finally:
            server.terminate()
            try:
                server.wait(5)
            except subprocess.TimeoutExpired:
                server.kill()


def answers(address: str) -> bool:
    try:
        return CLIENT.get(f"{address}/metrics").is_success
    except httpx2.TransportError:
        return False


def samples(address: str, name: str) -> dict[tuple[str, ...], float]:
    """The samples of that name, by the values of their labels in the labels' order."""
    page = CLIENT.get(f"{address}/metrics").text
    return {
        tuple(sample.labels[label] for label in sorted(sample.labels)): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
        if sample.name == name
    }


def in_progress(address: str) -> float:
    return sum(samples(address, "fastapi_requests_in_progress").values())


def test_requests_to_all_workers_are_counted_together(service: str) -> None:
    workers: Counter[str] = Counter()

    def both_have_answered_enough() -> bool:
        workers[CLIENT.get(f"{service}/items/{workers.total()}").text] += 1
        return len(workers) == 2 and workers.total() >= REQUESTS

    until(both_have_answered_enough, "both workers have answered")
    sent = workers.total()
    totals = [sum(samples(service, "fastapi_requests_total").values()) for _ in range(5)]
    assert totals == [sent] * 5
    assert samples(service, "fastapi_request_duration_seconds_count") == {("/items/{item}", "GET"): sent}
    assert in_progress(service) == 0


def test_a_worker_that_is_killed_leaves_nothing_in_progress(service: str) -> None:
    with Hanging(service) as hanging:
        until(lambda: hanging.one_more() == 2, "both workers hold a request")
        assert in_progress(service) == hanging.by_worker.total()

        killed, held = hanging.by_worker.most_common(1)[0]
        os.kill(int(killed), signal.SIGKILL)

        left = hanging.by_worker.total() - held
        until(lambda: in_progress_or_nan(service) == left, "its requests leave the gauge")


class Hanging(ExitStack):
    """Requests that stay open, by the worker that holds them."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.by_worker: Counter[str] = Counter()
        self._address = address
        self._chunks: list[Iterator[str]] = []

    def one_more(self) -> int:
        """Leave one more request open; the number of workers that hold one."""
        answer = self.enter_context(CLIENT.stream("GET", f"{self._address}/hang"))
        self._chunks.append(answer.iter_text())
        self.by_worker[next(self._chunks[-1])] += 1
        return len(self.by_worker)


def in_progress_or_nan(address: str) -> float:
    try:
        return in_progress(address)
    except httpx2.TransportError:
        return float("nan")
