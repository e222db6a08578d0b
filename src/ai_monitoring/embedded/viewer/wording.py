"""Numbers with their units, times and lists, as the pages say them."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime

_NONE = "\N{EN DASH}"


def seconds(value: float | None) -> str:
    """A latency: `230 ms`, `1.2 s`, `3.5 min`."""
    if value is None or not math.isfinite(value):
        return _NONE
    for limit, factor, unit in ((0.001, 1e6, "µs"), (1, 1000, "ms"), (120, 1, "s")):
        if value < limit:
            return f"{_significant(value * factor)} {unit}"
    return f"{_significant(value / 60)} min"


def share(value: float | None) -> str:
    """A share of 1 in per cent."""
    if value is None or not math.isfinite(value):
        return _NONE
    return f"{_significant(value * 100)} %"


def rate(value: float | None) -> str:
    """Something a second."""
    if value is None or not math.isfinite(value):
        return _NONE
    return f"{_significant(value)}/s"


def number(value: float) -> str:
    """A value whose unit nobody knows."""
    return _significant(value) if math.isfinite(value) else str(value)


def size(value: float) -> str:
    """Bytes, in powers of 1024."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < 1024:
            return f"{_significant(value)} {unit}"
        value /= 1024
    return f"{_significant(value)} TiB"


def utc(value: float) -> str:
    """Seconds since 1970 as ISO 8601 with milliseconds, for `<time datetime>`."""
    return datetime.fromtimestamp(value, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def clock(value: float) -> str:
    """Seconds since 1970 for a person whose browser runs no script."""
    return f"{datetime.fromtimestamp(value, UTC):%Y-%m-%d %H:%M:%S} UTC"


def counted(number: int, one: str, many: str = "") -> str:
    """`1 alert`, `2 alerts`."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def listed(names: Sequence[str], most: int = 3) -> str:
    """`a, b, c and 2 more`."""
    text = ", ".join(names[:most])
    return f"{text} and {len(names) - most} more" if len(names) > most else text


def _significant(value: float) -> str:
    """Three digits that matter, without an exponent."""
    if value == 0:
        return "0"
    decimals = max(0, 2 - math.floor(math.log10(abs(value))))
    text = f"{value:.{min(decimals, 3)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
