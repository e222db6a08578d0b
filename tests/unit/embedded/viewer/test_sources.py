from collections.abc import AsyncIterator

import httpx2
import pytest
from waiting import free_ports

from ai_monitoring.embedded.viewer.sources import Source, SourceError, http_client


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    async with http_client() as client:
        yield client


def answering(status: int, content: bytes) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.MockTransport(lambda _: httpx2.Response(status, content=content)))


async def test_who_does_not_answer_is_named(client: httpx2.AsyncClient) -> None:
    [port] = free_ports(1)
    with pytest.raises(SourceError, match=f"Prometheus does not answer at http://127.0.0.1:{port}") as caught:
        await Source("Prometheus", f"http://127.0.0.1:{port}", client).get("/", {})
    assert not caught.value.refused


@pytest.mark.parametrize(
    ("status", "content", "text", "refused"),
    [
        (400, b'{"status":"error","error":"unknown function"}', "unknown function", True),
        (400, b"parse error at line 1, col 2\n", "parse error at line 1, col 2", True),
        (400, b'"a bare text"', "a bare text", True),
        (503, b"", "Loki answered 503.", False),
        (404, b"x" * 10_000, "x" * 500, True),
        (200, b"<html>", "What answers at http://loki is not Loki.", False),
    ],
)
async def test_what_it_says_is_told(status: int, content: bytes, text: str, refused: bool) -> None:
    async with answering(status, content) as client:
        with pytest.raises(SourceError) as caught:
            await Source("Loki", "http://loki", client).get("/", {})
    assert (str(caught.value), caught.value.refused) == (text, refused)


async def test_slow_answer_is_told() -> None:
    def slow(_: httpx2.Request) -> httpx2.Response:
        raise httpx2.ReadTimeout("")

    async with httpx2.AsyncClient(transport=httpx2.MockTransport(slow)) as client:
        with pytest.raises(SourceError, match="took longer than 10 s"):
            await Source("Loki", "http://loki", client).get("/", {})
