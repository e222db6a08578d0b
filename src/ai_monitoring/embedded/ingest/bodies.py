"""Bodies of requests: read to a limit, and decompressed to a limit."""

import asyncio
import json
import re
import zlib
from typing import Any

import cramjam
from starlette.requests import ClientDisconnect, Request

from ai_monitoring.embedded.ingest.limits import IngestLimits
from ai_monitoring.embedded.ingest.refusals import Refused
from ai_monitoring.embedded.ingest.turns import Turn

_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


async def read(request: Request, limits: IngestLimits, turn: Turn) -> bytes:
    """The body as it comes. Raises Refused for one that is too long or too slow, or whose sender leaves within it."""
    body = bytearray()
    try:
        async with asyncio.timeout(limits.body_seconds):
            async for chunk in request.stream():
                turn.hold(len(chunk))
                body += chunk
                if len(body) > limits.body_bytes:
                    raise _too_long(limits)
    except TimeoutError as error:
        raise Refused(408, f"the body did not come within {limits.body_seconds:g} seconds", "slow") from error
    except ClientDisconnect as error:
        raise Refused(400, "the sender left before the body was whole", reason="") from error
    return bytes(body)


def inflate(body: bytes, encoding: str, limits: IngestLimits) -> bytes:
    """The body without its Content-Encoding; snappy is left to `unsnap`. Raises Refused."""
    match encoding.strip().lower():
        case "" | "identity" | "snappy":
            return body
        case "gzip":
            return _unzip(body, 31, limits)
        case "deflate":
            # Clients differ in whether zlib's two bytes stand before it.
            wrapped = len(body) > 1 and body[0] & 15 == 8 and int.from_bytes(body[:2]) % 31 == 0
            return _unzip(body, 15 if wrapped else -15, limits)
    raise Refused(415, f"Content-Encoding {encoding!r} is not taken: use gzip, deflate or none")


def unsnap(body: bytes, limits: IngestLimits) -> bytes:
    """Decompress snappy's raw format, whose first bytes tell the length. Raises Refused."""
    length = shift = 0
    for byte in body[:5]:
        length |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            break
    if length > limits.body_bytes:
        raise _too_long(limits, "decompressed")
    try:
        return bytes(cramjam.snappy.decompress_raw(body))
    except cramjam.DecompressionError as error:
        raise Refused(400, f"the body is not snappy-compressed protobuf: {error}") from error


def parse_json(body: bytes, limits: IngestLimits) -> Any:
    """What the JSON says, every string of it valid Unicode. Raises Refused."""
    if body.count(b"{") + body.count(b"[") > limits.json_brackets:
        raise _too_many(limits.json_brackets, "objects and lists")
    if body.count(b",") > limits.json_commas:
        raise _too_many(limits.json_commas, "commas")
    try:
        content = json.loads(body)
        return _clean(content) if _SURROGATE.search(body) else content
    except RecursionError as error:
        raise Refused(400, "the body is nested too deeply") from error
    except ValueError as error:
        raise Refused(400, f"the body is not JSON: {error}") from error


def _unzip(body: bytes, window: int, limits: IngestLimits) -> bytes:
    content, rest = bytearray(), body
    try:
        while rest:
            one = zlib.decompressobj(window)
            content += one.decompress(rest, limits.body_bytes + 1 - len(content))
            if len(content) > limits.body_bytes:
                raise _too_long(limits, "decompressed")
            if not one.eof:
                raise Refused(400, "the compressed body ends too early")
            # A gzip file may have several members.
            rest = one.unused_data
    except zlib.error as error:
        raise Refused(400, f"the body cannot be decompressed: {error}") from error
    return bytes(content)


def _clean(content: Any) -> Any:
    """Halves of surrogate pairs, which no file can hold, become U+FFFD, as in Go."""
    match content:
        case str():
            return content.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case list():
            return [_clean(part) for part in content]
        case dict():
            return {_clean(name): _clean(part) for name, part in content.items()}
    return content


def _too_many(limit: int, what: str) -> Refused:
    return Refused(413, f"the body has more than {limit} {what}: send smaller batches", "body_too_large")


def _too_long(limits: IngestLimits, how: str = "") -> Refused:
    text = f"request body too large: the limit is {limits.body_bytes} bytes{how and ', ' + how}; send smaller batches"
    return Refused(413, text, "body_too_large")
