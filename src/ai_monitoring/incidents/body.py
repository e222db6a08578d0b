"""Bodies of requests, bounded."""

from starlette.requests import Request

MAX_BODY_BYTES = 1_000_000


async def read_body(request: Request) -> bytes:
    """Raises ValueError for a body that is too large, without reading it to its end."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise ValueError(f"the body is larger than {MAX_BODY_BYTES} bytes")
    return bytes(body)
