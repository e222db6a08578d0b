"""A link and a door around it for the tests, on a socket of their own and a free port."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from ai_monitoring.host_link.declared import Declared
from ai_monitoring.host_link.door import Door
from ai_monitoring.host_link.link import Limits, Link

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]


@asynccontextmanager
async def link_and_door(folder: Path, declared: Declared, limits: Limits | None = None) -> AsyncIterator[int]:
    """Both ends, running; the port of the door."""
    server = await asyncio.start_unix_server(Link(declared, limits).answer, folder / "link.sock")
    async with server, listening(Door(folder / "link.sock").carry) as port:
        yield port


@asynccontextmanager
async def listening(handler: Handler, **options: Any) -> AsyncIterator[int]:
    """A server on a free loopback port, which it yields."""
    server = await asyncio.start_server(handler, "127.0.0.1", 0, **options)
    async with server:
        yield server.sockets[0].getsockname()[1]
        await asyncio.sleep(0.05)  # for connections that the other end has cut off to be closed here too


def says(answer: bytes) -> Handler:
    """A service that reads a request's head, answers with these bytes and hangs up."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    return handle


async def ask(port: int, request: str) -> bytes:
    """What the door answers to these words, to the end of the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request.encode())
        return await asyncio.wait_for(reader.read(), 20)
    finally:
        writer.close()


async def get(port: int, path: str, headers: str = "") -> bytes:
    """The whole answer to a GET of `path`."""
    return await ask(port, f"GET {path} HTTP/1.1\r\nHost: door\r\n{headers}\r\n")
