"""Checks of a request's fields: TypeError and ValueError for what is wrong by type, a likely value for what is odd.

A check takes a value and gives the one to go on with; the same object where nothing is odd. No error quotes a text.
"""

import math
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b
from numbers import Real
from operator import index, is_
from typing import Any, Final

from ai_monitoring.telemetry.redaction import redact

MAX_TEXT: Final = 65_536
"""Characters of a prompt or an answer; of a longer one, head and tail are kept."""

Check = Callable[[str, Any], Any]


def optional(check: Check) -> Check:
    """The same for a field that may be None."""
    return lambda name, value: None if value is None else check(name, value)


def text(limit: int) -> Check:
    """A string without lone surrogates, of at most `limit` characters: of a longer one three quarters are its head."""

    def checked(name: str, value: Any) -> str:
        if not isinstance(value, str):
            raise TypeError(f"{name} is {_kind(value)}: give a string")
        if len(value) > limit:
            head = limit * 3 // 4
            value = value[:head] + value[head - limit :]
        return _encodable(value)

    return checked


def name_of(limit: int) -> Check:
    """A string of 1 to `limit` printable characters without personal data; another one becomes its hash, so that it
    still tells one from another.
    """
    of_text = text(MAX_TEXT)

    def checked(name: str, value: Any) -> str:
        found: str = of_text(name, value)
        if not found or found.isspace():
            raise ValueError(f"{name} is empty: say which one it was")
        return found if len(found) <= limit and found.isprintable() and not _is_personal(found) else _hash(found)

    return checked


def group_of(limit: int) -> Check:
    """The same for a name that may be empty, and is cut where it is too long."""
    of_text = text(limit)

    def checked(name: str, value: Any) -> str:
        found: str = of_text(name, value)
        return _hash(found) if _is_personal(found) else found

    return checked


def several(most: int, one: Check) -> Check:
    """A sequence of at most `most` strings, each as `one` has it; of more, the first ones."""

    def checked(name: str, value: Any) -> Any:
        if isinstance(value, str | bytes) or not hasattr(value, "__iter__") or not hasattr(value, "__len__"):
            raise TypeError(f"{name} is {_kind(value)}: give a list of strings")
        taken = [one(f"{name}[{place}]", item) for place, item in zip(range(most), value, strict=False)]
        same = len(taken) == len(value) and all(map(is_, taken, value))
        return value if same else tuple(taken)

    return checked


def tokens(most: int) -> Check:
    """A whole number from 0 to `most`."""

    def checked(name: str, value: Any) -> int:
        if isinstance(value, bool) or not hasattr(value, "__index__"):
            raise TypeError(f"{name} is {_kind(value)}: give a whole number of tokens")
        number = value if type(value) is int else index(value)
        return number if 0 <= number <= most else min(max(number, 0), most)

    return checked


def number(most: float, otherwise: float | None) -> Check:
    """A number from 0 to `most`; `otherwise` for one that is none (NaN)."""

    def checked(name: str, value: Any) -> float | None:
        if isinstance(value, bool) or not isinstance(value, Real | Decimal):
            raise TypeError(f"{name} is {_kind(value)}: give a number")
        found = _float(value)
        if 0 <= found <= most:
            return found
        return otherwise if math.isnan(found) else min(max(found, 0.0), most)

    return checked


def switch(name: str, value: Any) -> bool:
    """True or False."""
    if isinstance(value, bool):
        return value
    raise TypeError(f"{name} is {_kind(value)}: give True or False")


def _float(value: Any) -> float:
    """The same object for a float. A whole number may be larger than any float."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _encodable(value: str) -> str:
    if value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-8", "replace").decode()
    return value


@lru_cache(4096)
def _is_personal(value: str) -> bool:
    """Such as an e-mail address as a team: these become labels and attributes of log lines."""
    return redact(value) != value


def _hash(value: str) -> str:
    return f"hash-{blake2b(value.encode(), digest_size=12).hexdigest()}"


def _kind(value: Any) -> str:
    return f"of type {type(value).__name__}"
