"""The head of an HTTP/1 message: its first line and its headers."""

import re
from asyncio import IncompleteReadError, LimitOverrunError, StreamReader
from dataclasses import dataclass

Headers = list[tuple[str, str]]

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Head:
    """The first line, without its line end, and the headers in their order."""

    start: str
    headers: Headers

    def only(self, *names: str) -> Headers:
        """The headers of these names, given in lower case."""
        return [(name, value) for name, value in self.headers if name.lower() in names]

    def without(self, *names: str) -> Headers:
        """The headers of all other names, given in lower case."""
        return [(name, value) for name, value in self.headers if name.lower() not in names]


async def read_head(reader: StreamReader) -> Head | None:
    """The next head; None where the connection ends before one begins.

    Raises ValueError for what is no head, or one longer than the reader's limit.
    """
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except IncompleteReadError as error:
        if not error.partial:
            return None
        raise ValueError("the connection ended within the headers") from error
    except LimitOverrunError as error:
        raise ValueError("the headers are too long") from error
    start, *lines = raw.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    return Head(_clean(start), [_header(line) for line in lines])


def write_head(start: str, headers: Headers) -> bytes:
    """The same as bytes, with the empty line that ends it."""
    return "".join(f"{line}\r\n" for line in (start, *(f"{name}: {value}" for name, value in headers), "")).encode(
        "latin-1"
    )


def _header(line: str) -> tuple[str, str]:
    name, colon, value = _clean(line).partition(":")
    if not colon or not name or name != name.strip():
        raise ValueError("a header has a name, a colon and a value")
    return name, value.strip()


def _clean(line: str) -> str:
    """A bare line feed would be a line end to some servers and part of a header to others."""
    if _CONTROL.search(line):
        raise ValueError("a control character stands in the headers")
    return line
