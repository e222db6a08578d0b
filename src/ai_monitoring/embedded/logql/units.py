"""Durations, sizes and numbers as Go, Prometheus and Loki write them."""

import math
import re
from decimal import Decimal

_NANOSECONDS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "μs": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60 * 1_000_000_000,
    "h": 3600 * 1_000_000_000,
}
_LONG = {"d": 86_400 * 1_000_000_000, "w": 7 * 86_400 * 1_000_000_000, "y": 365 * 86_400 * 1_000_000_000}
_GO = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)")
_PROMETHEUS = re.compile(r"(?:\d+y)?(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?(?:\d+ms)?", re.ASCII)
_PART = re.compile(r"(\d+)(ms|[ywdhms])", re.ASCII)
_SIZE = re.compile(r"\s*([\d.,]+)\s*([a-zA-Z]*)\s*", re.ASCII)
_MAX = 2**63 - 1


def go_duration(text: str) -> int:
    """Nanoseconds of a duration such as `1h30m` or `-1.5s`. Raises ValueError."""
    body = text[1:] if text[:1] in ("-", "+") else text
    if body == "0":
        return 0
    parts = list(_GO.finditer(body))
    if not parts or "".join(part[0] for part in parts) != body:
        raise ValueError(f'time: invalid duration "{text}"')
    total = int(sum(Decimal(part[1]) * _NANOSECONDS[part[2]] for part in parts))
    if total > _MAX:
        raise ValueError(f'time: invalid duration "{text}"')
    return -total if text.startswith("-") else total


def prometheus_duration(text: str) -> int:
    """Nanoseconds of a duration such as `5m` or `1d12h`. Raises ValueError."""
    if text == "0":
        return 0
    if not text or not _PROMETHEUS.fullmatch(text):
        raise ValueError(f'not a valid duration string: "{text}"')
    total = sum(int(number) * (_NANOSECONDS | _LONG)[unit] for number, unit in _PART.findall(text))
    if total > _MAX:
        raise ValueError("duration out of range")
    return total


def duration(text: str) -> int:
    """Nanoseconds of either kind of duration. Raises ValueError."""
    try:
        return prometheus_duration(text)
    except ValueError:
        return go_duration(text)


_BINARY: dict[str, int] = {letter: 1024**power for power, letter in enumerate("kmgtpe", start=1)}
_DECIMAL: dict[str, int] = {letter: 1000**power for power, letter in enumerate("kmgtpe", start=1)}


def size(text: str) -> int:
    """Bytes of a size such as `42MB` (decimal), `1.5 KiB` (binary) or `7`. Raises ValueError."""
    found = _SIZE.fullmatch(text)
    if not found:
        raise ValueError(f'strconv.ParseFloat: parsing "{text}": invalid syntax')
    unit = found[2].lower()
    try:
        return int(float(found[1].replace(",", "")) * _factor(unit))
    except (ValueError, OverflowError, KeyError) as error:
        raise ValueError(f"unhandled size name: {found[2]}") from error


def _factor(unit: str) -> int:
    if unit in ("", "b"):
        return 1
    binary = unit[1:] in ("i", "ib")
    if not binary and unit[1:] not in ("", "b"):
        raise KeyError(unit)
    return (_BINARY if binary else _DECIMAL)[unit[0]]


def number(text: str) -> float:
    """A floating-point number as Go reads it. Raises ValueError."""
    if text != text.strip() or "_" in text:
        raise ValueError(f'strconv.ParseFloat: parsing "{text}": invalid syntax')
    try:
        return float(text)
    except ValueError as error:
        raise ValueError(f'strconv.ParseFloat: parsing "{text}": invalid syntax') from error


def spelled(value: float) -> str:
    """A sample's value as Loki's answers spell it: the shortest that reads back the same, without an exponent."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    text = repr(float(value))
    if "e" in text:
        text = format(Decimal(text), "f")
    return text.removesuffix(".0")
