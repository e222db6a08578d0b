"""A streaming response, followed to its last byte."""

from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing
from typing import Any, Final

from django.http import FileResponse, StreamingHttpResponse

forgotten: Final[deque[Callable[[], None]]] = deque()
"""The ends of streams that the garbage collector met: for the next request to call."""


def end_forgotten() -> None:
    """End the streams that nobody read or closed."""
    while forgotten:
        try:
            ended = forgotten.popleft()
        except IndexError:  # another thread was quicker
            return
        ended()


class Stream:
    """Calls `ended()` once: at the last byte, when the client goes away, or when nobody reads the response at all.

    `failed(exception)` is called before it where the application's own iterator raises.
    """

    def __init__(self, ended: Callable[[], None], failed: Callable[[Exception], None]) -> None:
        self._ended: Callable[[], None] | None = ended
        self._failed = failed

    def follow(self, response: StreamingHttpResponse) -> None:
        """Take part in the response's reading and closing."""
        # A file goes to the server as it is, so that it can use sendfile(); the server's close() ends it.
        if not (isinstance(response, FileResponse) and getattr(response, "file_to_stream", None) is not None):
            parts: Any = response.streaming_content
            response.streaming_content = self._parts_async(parts) if response.is_async else self._parts(parts)
        self._follow_close(response)

    def _follow_close(self, response: Any) -> None:
        close = response.close

        def closed() -> None:
            try:
                close()
            finally:
                self.end()

        response.close = closed

    def _parts(self, parts: Iterator[bytes]) -> Iterator[bytes]:
        try:
            yield from parts
        except Exception as exception:
            self._failed(exception)
            self.end()
            raise
        # Not in a finally clause: one that is left half-way is ended by close(), or by the garbage collector.
        self.end()

    async def _parts_async(self, parts: Any) -> AsyncIterator[bytes]:
        try:
            async with aclosing(parts):
                async for part in parts:
                    yield part
        except Exception as exception:
            self._failed(exception)
            raise
        finally:
            self.end()

    def end(self) -> None:
        ended, self._ended = self._ended, None
        if ended is not None:
            ended()

    def __del__(self) -> None:
        # A response that a middleware threw away is neither read nor closed. It is not ended here: the garbage
        # collector interrupts any code, and where that holds the counter's lock, counting would wait for it for ever.
        ended, self._ended = self._ended, None
        if ended is not None:
            forgotten.append(ended)
