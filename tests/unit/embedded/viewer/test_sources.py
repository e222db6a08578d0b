"""What is said when a data source has no answer, and how much one is asked at once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager

import httpx2
import pytest
from asgi_apps import served
from board_sources import sources_at
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from waiting import free_ports

from ai_monitoring.embedded.viewer import sources
from ai_monitoring.embedded.viewer.sources import MAX_AT_ONCE, Client, SourceError, Sources


@asynccontextmanager
async def answering(answer: Callable[[httpx2.Request], httpx2.Response]) -> AsyncIterator[Client]:
    async with aclosing(Client(sources_at("http://source"), transport=httpx2.MockTransport(answer))) as client:
        yield client


async def test_a_source_that_is_down_is_named_with_its_address() -> None:
    (port,) = free_ports(1)
    async with aclosing(Client(Sources(loki=f"http://127.0.0.1:{port}/"))) as client:
        with pytest.raises(
            SourceError, match=f"Loki does not answer at http://127.0.0.1:{port}: see whether"
        ) as caught:
            await client.get("loki", "/ready", {})
        assert not caught.value.refused
        with pytest.raises(SourceError, match="No address of Tempo"):
            await client.get("tempo", "/ready", {})


async def test_a_slow_source_is_given_up() -> None:
    async def slow(_: Request) -> Response:
        await asyncio.sleep(1)
        return JSONResponse({})

    with served(Starlette(routes=[Route("/", slow)])) as address:
        async with aclosing(Client(sources_at(address), seconds=0.1)) as client:
            with pytest.raises(SourceError, match=rf"Prometheus at {address} took longer than 0\.1 s"):
                await client.get("prometheus", "/", {})
        async with aclosing(Client(sources_at(address))) as client:
            with pytest.raises(SourceError, match=r"took longer than 0\.2 s"):
                await client.get("prometheus", "/", {}, within=0.2)


async def test_an_answer_without_bounds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_BYTES", 1000)
    async with answering(lambda _: httpx2.Response(200, json=["a" * 2000])) as client:
        with pytest.raises(SourceError, match="The answer of Loki at http://source is larger than"):
            await client.get("loki", "/x", {})


async def test_so_many_questions_at_once() -> None:
    running = most = 0

    async def answer(_: Request) -> Response:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.01)
        running -= 1
        return JSONResponse({})

    app = Starlette(routes=[Route("/", answer)])
    async with aclosing(Client(sources_at("http://source"), transport=httpx2.ASGITransport(app))) as client:
        await asyncio.gather(*(client.get("tempo", "/", {}) for _ in range(3 * MAX_AT_ONCE)))
    assert most == MAX_AT_ONCE


@pytest.mark.parametrize(
    ("status", "content", "text", "refused"),
    [
        (400, b'{"status":"error","error":"unknown function"}', "Loki answered 400: unknown function", True),
        (400, b"parse error at line 1, col 2\n", "Loki answered 400: parse error at line 1, col 2", True),
        (400, b'"a bare text"', "Loki answered 400: a bare text", True),
        (503, b"", "Loki answered 503.", False),
        (404, b"x" * 10_000, "Loki answered 404: " + "x" * 500, True),
        (
            200,
            b"<html>",
            "What Loki at http://source answered is no JSON: see whether another program has that address.",
            False,
        ),
    ],
)
async def test_what_it_says_is_told(status: int, content: bytes, text: str, refused: bool) -> None:
    async with answering(lambda _: httpx2.Response(status, content=content)) as client:
        with pytest.raises(SourceError) as caught:
            await client.post("loki", "/", {})
    assert (str(caught.value), caught.value.refused) == (text, refused)
