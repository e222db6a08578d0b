import socket

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from waiting import free_ports

from ai_monitoring.embedded.ports import ByPort, listen


def app(text: str) -> Starlette:
    async def endpoint(_: object) -> PlainTextResponse:
        return PlainTextResponse(text)

    return Starlette(routes=[Route("/", endpoint)])


async def test_each_port_has_its_application() -> None:
    transport = httpx2.ASGITransport(app=ByPort({3100: app("logs"), 3200: app("traces")}))
    async with httpx2.AsyncClient(transport=transport) as client:
        answers = [(await client.get(f"http://127.0.0.1:{port}/")).text for port in (3100, 3200)]
    assert answers == ["logs", "traces"]


def test_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"Port {port} cannot be used: Address already in use"):
            listen(port)


def test_only_loopback_hears_and_answers_at_once() -> None:
    [port] = free_ports(1)
    with listen(port) as listening:
        assert listening.getsockname() == ("127.0.0.1", port)
        assert listening.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
