"""A streaming response whose parts are made inside of the request's span, although the server reads them later."""

from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from typing import Any

from django.http import FileResponse, StreamingHttpResponse

from ai_monitoring.telemetry.spans import Span


def stream_inside(span: Span, response: StreamingHttpResponse) -> None:
    """The span is current for each part alone: between two of them, the server's thread does other things."""
    if isinstance(response, FileResponse):  # goes to the server as it is, and asks nobody
        return
    parts: Any = response.streaming_content
    response.streaming_content = _parts_async(span, parts) if response.is_async else _parts(span, parts)


def _parts(span: Span, parts: Iterator[bytes]) -> Iterator[bytes]:
    try:
        while True:
            with span.active():
                part = next(parts, None)
            if part is None:
                return
            yield part
    finally:
        if hasattr(parts, "close"):
            parts.close()


async def _parts_async(span: Span, parts: Any) -> AsyncIterator[bytes]:
    async with aclosing(parts):
        while True:
            with span.active():
                part = await anext(parts, None)
            if part is None:
                return
            yield part
