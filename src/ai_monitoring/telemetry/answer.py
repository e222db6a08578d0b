"""An HTTP answer that is read until a deadline: a socket's own timeout starts again with each byte that trickles in."""

import socket
from http.client import HTTPResponse
from io import BufferedReader, RawIOBase
from time import monotonic
from typing import Any

MAX_BYTES = 65_536
"""Of an answer's content: a receiver that takes a batch says next to nothing."""


class Answer(HTTPResponse):
    """Once the socket's timeout has passed, the next read raises TimeoutError: less than two timeouts in all."""

    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp.close()
        self.fp = BufferedReader(_UntilDeadline(sock))


class _UntilDeadline(RawIOBase):
    def __init__(self, sock: socket.socket) -> None:
        self._deadline = monotonic() + (sock.gettimeout() or 0.0)
        # Keeps the socket open until the last byte is read, as http.client's own does.
        self._stream = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if monotonic() >= self._deadline:
            raise TimeoutError
        return self._stream.readinto(buffer)

    def close(self) -> None:
        self._stream.close()
        super().close()
