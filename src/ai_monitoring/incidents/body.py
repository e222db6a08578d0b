"""What is sent to the incident log: bodies of requests, bounded, and the texts in them."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request

from ai_monitoring.hosts import from_another_site

MAX_BODY_BYTES = 1_000_000
MAX_TEXT = 4000
"""Characters of one text, such as a note."""


async def read_body(request: Request, most: int = MAX_BODY_BYTES) -> bytes:
    """Raises ValueError for a body of more than `most` bytes, without reading it to its end."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise ValueError(f"the body is larger than {most} bytes")
    return bytes(body)


async def json_texts(request: Request, *names: str) -> dict[str, str]:
    """A JSON object's texts, trimmed; empty where it has none. Raises ValueError and HTTPException."""
    if _kind(request) != "application/json":
        raise HTTPException(415, "send it as Content-Type: application/json")
    content = json.loads(await read_body(request))
    if not isinstance(content, dict):
        raise ValueError(f"this is no JSON object with {' and '.join(names)}")
    return _checked(content, names)


async def form_texts(request: Request, *names: str) -> dict[str, str]:
    """The same of a form that one of our own pages sends. Raises ValueError and HTTPException."""
    if from_another_site(request.headers):
        raise HTTPException(403, "a page of another site may not send this")
    if _kind(request) != "application/x-www-form-urlencoded":
        raise HTTPException(415, "this is no form")
    body = (await read_body(request)).decode(errors="replace")
    return _checked(dict(parse_qsl(body, keep_blank_values=True)), names)


def _kind(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _checked(content: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, str]:
    for name, value in content.items():
        if name not in names:
            raise ValueError(f"{name} is unknown; there are {' and '.join(names)}")
        if not isinstance(value, str) or len(value) > MAX_TEXT:
            raise ValueError(f"{name} is no text of at most {MAX_TEXT} characters")
    return {name: content.get(name, "").strip() for name in names}
