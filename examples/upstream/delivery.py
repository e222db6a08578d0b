"""Sending an answer: at once or token by token, whole or cut short, as the request's orders say."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from examples.upstream.orders import Orders


def event(data: dict[str, Any], name: str | None = None) -> bytes:
    """One server-sent event."""
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(data)}\n\n".encode()


@dataclass(frozen=True, slots=True)
class Events:
    """A stream's events: what comes before the first token, the tokens, what comes after the last, and an error."""

    head: list[bytes]
    tokens: list[bytes]
    tail: list[bytes]
    error: bytes


class EventStream(Response):
    """Sends `Events`. A cut leaves the answer incomplete, so that the server closes the connection."""

    media_type = "text/event-stream"

    def __init__(self, events: Events, orders: Orders, headers: dict[str, str]) -> None:
        super().__init__(headers=headers)
        del self.headers["content-length"]
        self._orders = orders
        self._pieces = list(_pieces(events, orders))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        for piece in self._pieces[:-1]:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            if await client_left(receive, self._orders.token_delay):
                return
        await send({"type": "http.response.body", "body": self._pieces[-1], "more_body": True})
        if self._orders.hang_after is not None:
            await client_left(receive, None)
        elif self._orders.cut_after is None:
            await send({"type": "http.response.body", "body": b"", "more_body": False})


def _pieces(events: Events, orders: Orders) -> Iterator[bytes]:
    """What is sent in one go: everything, unless tokens are to be delayed."""
    stops = [stop for stop in (orders.error_after, orders.cut_after, orders.hang_after) if stop is not None]
    tokens = events.tokens[: min(stops)] if stops else events.tokens
    tail = [events.error] if orders.error_after is not None else [] if stops else events.tail
    if orders.token_delay:
        yield b"".join([*events.head, *tokens[:1]])
        yield from tokens[1:]
        yield b"".join(tail)
    else:
        yield b"".join([*events.head, *tokens, *tail])


async def client_left(receive: Receive, seconds: float | None) -> bool:
    """Waits so long, for ever with None, and says whether the client closed its connection meanwhile.

    To be called once the request's body was read: what comes after it is the end of the connection.
    """
    if seconds == 0:
        return False
    try:
        async with asyncio.timeout(seconds):
            await receive()
    except TimeoutError:
        return False
    return True
