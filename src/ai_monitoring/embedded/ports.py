"""Several applications in one process, each at a port of its own."""

import asyncio
import os
import socket
from collections.abc import Mapping
from contextlib import suppress

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

HOST = "127.0.0.1"
_ENDING = PlainTextResponse("This process is being ended: ask again once it is back.\n", 503, {"Retry-After": "5"})


class ByPort:
    """An ASGI application that hands a connection to the one whose port it came in by."""

    def __init__(self, apps: Mapping[int, ASGIApp]) -> None:
        self._apps = apps

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._apps[scope["server"][1]](scope, receive, send)
        except asyncio.CancelledError:
            # Only the end of the process cancels a request. RuntimeError: part of an answer has been sent.
            with suppress(RuntimeError):
                await _ENDING(scope, receive, send)


def listen(port: int) -> socket.socket:
    """A socket that listens on loopback. Raises OSError, naming the port, where that cannot be."""
    try:
        listening = socket.create_server((HOST, port), backlog=128)
    except OSError as error:
        raise OSError(f"Port {port} cannot be used: {os.strerror(error.errno or 0)}.") from error
    # asyncio sets it for sockets that it makes itself; without it each answer on a kept connection waits 40 ms.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening
