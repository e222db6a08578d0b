"""The options of a variable: parsed from its text, chosen by its regular expression, sorted."""

import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from ai_monitoring.embedded.viewer.boards.patterns import pattern

ALL = "$__all"
MOST = 1000


class Option(NamedTuple):
    text: str
    value: str


_COMMA = re.compile(r"(?<!\\),")
_PAIR = re.compile(r"(.+?)\s+:\s+(.+)", re.DOTALL)
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'|[^\s,][^,]*")
_DIGITS = re.compile(r"(\d+)")


def custom(text: str) -> list[Option]:
    """Of `a, b : 2, c\\,d`."""
    return [_option(part.strip().replace("\\,", ",")) for part in _COMMA.split(text) if part.strip()]


def durations(text: str) -> list[str]:
    """Of an interval variable: `1m,5m,"1h"`."""
    return [part.strip().strip("\"'") for part in _QUOTED.findall(text)]


def chosen(values: Iterable[str], expression: str) -> list[Option]:
    """Those that fit, each once. A group of the expression is the value; groups `text` and `value` are both.

    Raises PatternError.
    """
    found = pattern(expression) if expression else None
    options: dict[str, Option] = {}
    for value in values:
        option = _grouped(found, value) if found else Option(value, value)
        if option is not None:
            options.setdefault(option.value, option)
    return list(options.values())


def ordered(options: list[Option], sort: int) -> list[Option]:
    """By Grafana's numbers: 0 as they come; 1 by text, 3 by number, 5 without case, 7 naturally; even ones descend."""
    key = _KEYS.get((sort + 1) // 2)
    return sorted(options, key=key, reverse=sort % 2 == 0) if key else options


def _option(text: str) -> Option:
    pair = _PAIR.fullmatch(text)
    return Option(pair[1].strip(), pair[2].strip()) if pair else Option(text, text)


def _grouped(found: re.Pattern[str], text: str) -> Option | None:
    match = found.search(text)
    if match is None:
        return None
    named = match.groupdict()
    if named.get("text") or named.get("value"):
        value = named.get("value") or named["text"]
        return Option(named.get("text") or value, value)
    value = match[1] if match.re.groups and match[1] is not None else match[0] if not match.re.groups else ""
    # Without a group the whole text stays, whichever part of it fits.
    return Option(text, text) if not match.re.groups else Option(value, value)


def _number(option: Option) -> float:
    digits = _DIGITS.search(option.text)
    return float(digits[1]) if digits else float("inf")


def _natural(option: Option) -> list[tuple[bool, Any]]:
    return [(part.isdigit(), int(part) if part.isdigit() else part.lower()) for part in _DIGITS.split(option.text)]


_KEYS: dict[int, Callable[[Option], Any]] = {
    1: lambda option: option.text,
    2: _number,
    3: lambda option: option.text.lower(),
    4: _natural,
}
