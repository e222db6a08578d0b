"""The end on the host's network: forwards GET and HEAD from a unix socket to declared loopback services."""

import asyncio
import http
import logging
import ssl
from asyncio import StreamReader, StreamWriter
from dataclasses import dataclass

from ai_monitoring.host_link.declared import Declared
from ai_monitoring.host_link.order import Order, Refused, parse_order, split_line
from ai_monitoring.http_head import Head, read_head, write_head

DOCKER_DESKTOP = "host.docker.internal"
"""Where Docker Desktop's containers find the machine itself: `localhost` is its virtual machine there."""

_HOP = ("connection", "keep-alive", "proxy-connection", "upgrade")

logger = logging.getLogger("ai_monitoring.host_link")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds for a request's head, for its answer's and for the body; bytes of a body; requests at a time."""

    seconds: float = 30
    body_bytes: int = 64 * 2**20
    requests: int = 64


class Link:
    """Answers one request a connection."""

    def __init__(self, declared: Declared, limits: Limits | None = None) -> None:
        self._declared = declared
        self._limits = limits or Limits()
        self._running = 0

    async def answer(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Serve one connection; for `asyncio.start_unix_server`."""
        self._running += 1
        try:
            await self._respond(reader, writer)
        except (OSError, TimeoutError, ValueError):
            # The answer had begun, or there is nobody to give it to: cut off, so that a part is not taken for a whole.
            writer.transport.abort()
        finally:
            self._running -= 1
            writer.close()

    async def _respond(self, reader: StreamReader, writer: StreamWriter) -> None:
        try:
            async with asyncio.timeout(self._limits.seconds):
                head = await _request(reader)
            if head is None:
                return
            if self._running > self._limits.requests:
                raise Refused(503, "Too many requests at a time.")
            if split_line(head.start) == ("GET", "/health"):
                raise Refused(200, "ok")
            await self._forward(parse_order(head, self._declared), writer)
        except Refused as refused:
            writer.write(_plain(refused.status, str(refused)))
            await writer.drain()

    async def _forward(self, order: Order, writer: StreamWriter) -> None:
        reader, service = await _connect(order)
        try:
            head = await _response(order, reader, service, self._limits.seconds)
            headers = [*head.without(*_HOP), ("Connection", "close")]
            writer.write(write_head(head.start, headers))
            async with asyncio.timeout(self._limits.seconds):
                await self._pipe(reader, writer)
        finally:
            service.transport.abort()

    async def _pipe(self, reader: StreamReader, writer: StreamWriter) -> None:
        left = self._limits.body_bytes
        while block := await reader.read(65536):
            left -= len(block)
            if left < 0:
                raise ValueError("the body is too long")
            writer.write(block)
            await writer.drain()


async def _request(reader: StreamReader) -> Head | None:
    try:
        return await read_head(reader)
    except ValueError as error:
        raise Refused(400, f"This is not an HTTP/1 request: {error}.") from error


async def _response(order: Order, reader: StreamReader, service: StreamWriter, seconds: float) -> Head:
    try:
        async with asyncio.timeout(seconds):
            service.write(order.head())
            head = await read_head(reader)
    except TimeoutError as error:
        raise Refused(502, f"{order.address} does not answer within {seconds:g} seconds.") from error
    except (OSError, ValueError) as error:
        raise Refused(502, f"{order.address} does not answer as HTTP does: {error}.") from error
    if head is None or not head.start.startswith("HTTP/1."):
        raise Refused(502, f"{order.address} does not answer as HTTP does.")
    return head


async def _connect(order: Order) -> tuple[StreamReader, StreamWriter]:
    tls = ssl.create_default_context() if order.scheme == "https" else None
    name = order.address.host if tls else None
    problem: OSError | None = None
    for host in (*order.address.hosts, DOCKER_DESKTOP):
        try:
            async with asyncio.timeout(5):
                return await asyncio.open_connection(host, order.address.port, ssl=tls, server_hostname=name)
        except OSError as error:
            problem = problem or error
    raise Refused(502, f"{order.address} cannot be reached: {_words(problem)}.") from problem


def _words(error: OSError | None) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens there"
    return str(error) or "it does not answer in time"


def _plain(status: int, text: str) -> bytes:
    body = f"{text}\n".encode()
    headers = [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Connection", "close"),
    ]
    return write_head(f"HTTP/1.1 {status} {http.HTTPStatus(status).phrase}", headers) + body
