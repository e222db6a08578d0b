"""The functions that templates may call. The last argument is what comes through the pipe, as in Go."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote_plus, unquote_plus

from ai_monitoring.embedded.logql import units
from ai_monitoring.embedded.logql.bounds import check_text
from ai_monitoring.embedded.logql.matching import compiled

MAX_WIDTH = 10_000


def _width(count: Any) -> int:
    width = int(count)
    if abs(width) > MAX_WIDTH:
        raise ValueError(f"a width of {width} is more than {MAX_WIDTH}")
    return width


def _align_left(count: Any, text: str) -> str:
    width = _width(count)
    return text if width < 0 else text[:width].ljust(width)


def _align_right(count: Any, text: str) -> str:
    width = _width(count)
    return text if width < 0 else text[max(len(text) - width, 0) :].rjust(width)


def _truncate(count: Any, text: str) -> str:
    width = int(count)
    return text[:width] if width >= 0 else text[width:]


def _substring(begin: Any, end: Any, text: str) -> str:
    first, last = int(begin), int(end)
    if first < 0:
        return text[:last]
    return text[first:] if last < 0 or last > len(text) else text[first:last]


def _replace(text: str, old: str, new: str, count: Any = -1) -> str:
    most = text.count(old) if int(count) < 0 else min(int(count), text.count(old))
    check_text(len(text) + most * (len(new) - len(old)))
    return text.replace(old, new, most)


def _title(text: str) -> str:
    return " ".join(word[:1].upper() + word[1:] for word in text.split(" "))


FUNCTIONS: dict[str, tuple[int, Callable[..., Any]]] = {
    "ToLower": (1, str.lower),
    "ToUpper": (1, str.upper),
    "lower": (1, str.lower),
    "upper": (1, str.upper),
    "title": (1, _title),
    "Replace": (4, _replace),
    "replace": (3, lambda old, new, text: _replace(text, old, new)),
    "Trim": (2, str.strip),
    "TrimLeft": (2, str.lstrip),
    "TrimRight": (2, str.rstrip),
    "TrimPrefix": (2, str.removeprefix),
    "TrimSuffix": (2, str.removesuffix),
    "TrimSpace": (1, str.strip),
    "trim": (1, str.strip),
    "trimAll": (2, lambda characters, text: text.strip(characters)),
    "trimPrefix": (2, lambda prefix, text: text.removeprefix(prefix)),
    "trimSuffix": (2, lambda suffix, text: text.removesuffix(suffix)),
    "trunc": (2, _truncate),
    "substr": (3, _substring),
    "alignLeft": (2, _align_left),
    "alignRight": (2, _align_right),
    "contains": (2, lambda part, text: part in text),
    "hasPrefix": (2, lambda prefix, text: text.startswith(prefix)),
    "hasSuffix": (2, lambda suffix, text: text.endswith(suffix)),
    "default": (2, lambda instead, text: text or instead),
    "len": (1, lambda text: len(text.encode())),
    "count": (2, lambda pattern, text: sum(1 for _ in compiled(pattern).finditer(text))),
    "urlencode": (1, quote_plus),
    "urldecode": (1, unquote_plus),
    "duration": (1, lambda text: units.go_duration(text) / 1e9),
    "duration_seconds": (1, lambda text: units.go_duration(text) / 1e9),
    "bytes": (1, lambda text: float(units.size(text))),
}
"""Names, with the number of arguments."""


def printed(value: Any) -> str:
    """A value as Go's templates print it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return units.spelled(value) if isinstance(value, float) else str(value)
