"""Points in time as a person or an address bar writes them."""

import re
from datetime import datetime
from typing import NamedTuple

_RELATIVE = re.compile(r"now(?:-(\d{1,6})([smhdwMy]))?")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "M": 2_592_000, "y": 31_536_000}
_LATEST_MS = 4_102_444_800_000  # the year 2100


class TimeError(ValueError):
    """What is wrong with a time, for whoever wrote it."""


class Range(NamedTuple):
    """From `begin` to `end`, in seconds since 1970, and as they were written."""

    begin: float
    end: float
    begin_text: str
    end_text: str

    @property
    def seconds(self) -> float:
        return self.end - self.begin


def time_range(begin: str, end: str, now: float) -> Range:
    """Raises TimeError when one is no time, or when they are not in this order."""
    found = Range(moment(begin, now), moment(end, now), begin, end)
    if found.begin >= found.end:
        raise TimeError(f"The range ends ({end}) before it begins ({begin}).")
    return found


def moment(text: str, now: float) -> float:
    """Seconds since 1970 of `now`, `now-6h`, milliseconds since 1970, or an ISO date, by default in this zone."""
    relative = _RELATIVE.fullmatch(text.strip())
    if relative:
        back = int(relative[1]) * _SECONDS[relative[2]] if relative[1] else 0
        return max(0.0, now - back)
    try:
        if text.strip().isdecimal():
            return min(int(text), _LATEST_MS) / 1000
        return datetime.fromisoformat(text.strip()).astimezone().timestamp()
    except (ValueError, OverflowError, OSError) as error:
        raise TimeError(f"“{text[:40]}” is no time. Write now-6h, 2026-11-26 10:00, or milliseconds.") from error
