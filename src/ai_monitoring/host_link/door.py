"""The end on the bridge network: carries bytes between a TCP port and the link's unix socket."""

import asyncio
from asyncio import StreamReader, StreamWriter
from pathlib import Path

SECONDS = 120
"""The longest that a connection may last: more than the link takes for one request."""
CONNECTIONS = 128


class Door:
    """Each connection to the port becomes one to the socket."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._open = 0

    async def carry(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Serve one connection; for `asyncio.start_server`. Where the link is not there, it is cut off."""
        self._open += 1
        try:
            async with asyncio.timeout(SECONDS):
                if self._open <= CONNECTIONS:
                    await self._both_ways(reader, writer)
        except (OSError, TimeoutError):
            writer.transport.abort()
        finally:
            self._open -= 1
            writer.close()

    async def _both_ways(self, reader: StreamReader, writer: StreamWriter) -> None:
        answer, request = await asyncio.open_unix_connection(self._socket)
        sending = asyncio.create_task(_copy(reader, request))
        try:
            await _copy(answer, writer)
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            request.transport.abort()


async def _copy(reader: StreamReader, writer: StreamWriter) -> None:
    while block := await reader.read(65536):
        writer.write(block)
        await writer.drain()
