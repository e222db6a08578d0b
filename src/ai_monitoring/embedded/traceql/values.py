"""Values of TraceQL and what its operators make of them.

Text, numbers (a duration is one, in nanoseconds), booleans, statuses, kinds, lists of these, and nil, which is None.
"""

import functools
import math
import operator
from collections.abc import Callable
from enum import Enum
from typing import Any

import re2


class Status(Enum):
    UNSET = 0
    OK = 1
    ERROR = 2

    def __str__(self) -> str:
        return self.name.lower()


class Kind(Enum):
    UNSPECIFIED = 0
    INTERNAL = 1
    SERVER = 2
    CLIENT = 3
    PRODUCER = 4
    CONSUMER = 5

    def __str__(self) -> str:
        return self.name.lower()


class Duration(int):
    """Nanoseconds that are shown as Go writes them: `1m2.5s`."""

    def __str__(self) -> str:
        for unit, size in (("ns", 1), ("µs", 10**3), ("ms", 10**6)):
            if abs(self) < size * 1000:
                return f"{_decimal(int(self), size)}{unit}" if self else "0s"
        minutes, rest = divmod(abs(self), 60 * 10**9)
        hours, minutes = divmod(minutes, 60)
        parts = (f"{hours}h" if hours else "", f"{minutes}m" if hours or minutes else "", f"{_decimal(rest, 10**9)}s")
        return ("-" if self < 0 else "") + "".join(parts)


Value = Any
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_MIRRORED = {">": "<", ">=": "<=", "<": ">", "<=": ">="}
_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "%": math.fmod,
    "^": lambda left, right: float(left) ** right,
}


def _decimal(nanoseconds: int, unit: int) -> str:
    whole, rest = divmod(abs(nanoseconds), unit)
    digits = f"{rest:0{len(str(unit)) - 1}d}".rstrip("0") if rest else ""
    return f"{'-' if nanoseconds < 0 else ''}{whole}{'.' if digits else ''}{digits}"


@functools.lru_cache(maxsize=256)
def pattern(expression: str) -> "re2._Regexp[str]":
    """The compiled expression; it takes linear time on any text. Raises re2.error."""
    options = re2.Options()
    options.log_errors = False
    return re2.compile(expression, options)


def type_of(value: Value) -> str:
    """`text`, `number`, `boolean`, `status`, `kind`, `list` or `nil`."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    known: list[tuple[type, str]] = [(str, "text"), (Status, "status"), (Kind, "kind"), (list, "list")]
    return next((name for kind, name in known if isinstance(value, kind)), "nil")


def allows(sign: str, kind: str) -> bool:
    """Whether the operator is one for values of this type."""
    if sign in {"=", "!="}:
        return True
    if sign in {"=~", "!~"}:
        return kind == "text"
    if sign in {"&&", "||"}:
        return kind == "boolean"
    return kind == "number" or (sign in _ORDER and kind == "text")


def compare(sign: str, left: Value, right: Value) -> bool:
    """A comparison; of unlike things, and of nil, it is false. Of a list, one item must match."""
    if isinstance(left, list):
        return any(compare(sign, item, right) for item in left)
    if isinstance(right, list):
        return compare(_MIRRORED.get(sign, sign), right, left)
    kind = type_of(left)
    if kind == "nil" or kind != type_of(right) or not allows(sign, kind):
        return False
    if sign in {"=~", "!~"}:
        return (pattern(right).fullmatch(left) is None) == (sign == "!~")
    if sign in _ORDER:
        return _ORDER[sign](left, right)
    return bool(left == right) == (sign == "=")


def calculate(sign: str, left: Value, right: Value) -> Value:
    """A sum, product and so on; nil where an operand is no number, or the result is none."""
    if type_of(left) != "number" or type_of(right) != "number":
        return None
    try:
        if sign == "/":
            # Whole numbers divide to a whole number, towards zero, as Tempo's do.
            if isinstance(left, int) and isinstance(right, int):
                return abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
            return left / right
        result = _ARITHMETIC[sign](left, right)
        return result if isinstance(result, int | float) else None
    except (ArithmeticError, ValueError):
        return None
