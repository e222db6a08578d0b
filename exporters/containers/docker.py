"""The Docker API, read alone: GET over TCP or a unix socket, each within a bounded time."""

import asyncio
import json
from asyncio import StreamReader, StreamWriter
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from ai_monitoring.http_head import Head, read_head, write_head

SECONDS = 4.0
MAX_BYTES = 16 * 2**20
AT_A_TIME = 8


class DockerError(Exception):
    """Why there is no answer, in one sentence."""


class NotFoundError(DockerError):
    """The container is not there, or not any more."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the engine answered, and the second at which it did, by its own clock."""

    body: bytes
    time: int

    def json(self) -> Any:
        """The body. Raises DockerError where it is cut off or something else."""
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise DockerError("the answer is not JSON") from error

    def json_lines(self) -> list[Any]:
        """The body of a stream, line by line. Raises DockerError as `json` does."""
        return [Answer(line, self.time).json() for line in self.body.splitlines() if line.strip()]


class Docker:
    """An engine at `tcp://HOST:PORT` or `unix://PATH`. Raises ValueError for any other address."""

    def __init__(self, address: str, seconds: float = SECONDS) -> None:
        parts = urlsplit(address)
        self._path, self._host, self._port = parts.path, parts.hostname, parts.port or 2375
        if not ((parts.scheme == "unix" and parts.path) or (parts.scheme == "tcp" and parts.hostname)):
            raise ValueError(f"DOCKER_HOST is tcp://HOST:PORT or unix://PATH, not {address!r}")
        self.address = address
        self._seconds = seconds
        self._turns = asyncio.Semaphore(AT_A_TIME)

    async def get(self, path: str) -> Answer:
        """The answer to a GET. Raises DockerError, NotFoundError among them."""
        async with self._turns:
            try:
                async with asyncio.timeout(self._seconds):
                    head, body = await self._exchange(path)
            except TimeoutError as error:
                raise DockerError(f"{self.address} does not answer within {self._seconds:g} seconds") from error
            except (OSError, ValueError) as error:
                raise DockerError(f"{self.address} cannot be read: {error}") from error
        return _answer(path, head, body)

    async def _exchange(self, path: str) -> tuple[Head, bytes]:
        reader, writer = await self._connect()
        try:
            # The old version asks for a body that ends with the connection, not one in chunks.
            writer.write(write_head(f"GET {path} HTTP/1.0", [("Host", "docker")]))
            head = await read_head(reader)
            if head is None:
                raise ValueError("it hangs up without an answer")
            return head, await _body(reader)
        finally:
            writer.transport.abort()

    async def _connect(self) -> tuple[StreamReader, StreamWriter]:
        if self._host:
            return await asyncio.open_connection(self._host, self._port)
        return await asyncio.open_unix_connection(self._path)


async def _body(reader: StreamReader) -> bytes:
    body = bytearray()
    while block := await reader.read(65536):
        body += block
        if len(body) > MAX_BYTES:
            raise ValueError(f"the answer is longer than {MAX_BYTES} bytes")
    return bytes(body)


def _answer(path: str, head: Head, body: bytes) -> Answer:
    status = head.start.split(" ")[1:2]
    what = path.partition("?")[0]
    if status == ["404"]:
        raise NotFoundError(f"{what}: not found")
    if status != ["200"]:
        raise DockerError(f"GET {what} is answered {head.start!r}: does the socket proxy allow it?")
    try:
        [(_, date)] = head.only("date")
        return Answer(body, int(parsedate_to_datetime(date).timestamp()))
    except ValueError as error:
        raise DockerError(f"GET {what}: the answer has no date") from error
