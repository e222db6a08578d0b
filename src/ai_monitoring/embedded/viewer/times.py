"""Times as a person or an address writes them: `now-6h`, `now/d`, `2026-11-26 10:00`, or milliseconds since 1970."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MAX_MS = 253_402_300_799_000
"""The end of the year 9999, the last that a datetime holds."""
_MILLISECONDS = re.compile(r"[0-9]{1,15}")
_WRITE = "Write now-6h, now/d, 2026-11-26 10:00, or milliseconds since 1970."
_STEP = re.compile(r"([+-]\d{1,6}|/)([smhdwMQy])")
_SECONDS = {"s": 1, "m": 60, "h": 3600}
_DAYS = {"d": 1, "w": 7}
_MONTHS = {"M": 1, "Q": 3, "y": 12}


class TimeError(ValueError):
    """A time or a range that cannot be used; the message says why and how to write one."""


@dataclass(frozen=True)
class TimeRange:
    """From `begin` to `end`, milliseconds since 1970."""

    begin: int
    end: int

    @property
    def length(self) -> int:
        """Milliseconds."""
        return self.end - self.begin

    @property
    def seconds(self) -> tuple[float, float]:
        """Begin and end, since 1970."""
        return self.begin / 1000, self.end / 1000

    def earlier(self, milliseconds: int) -> "TimeRange":
        return TimeRange(self.begin - milliseconds, self.end - milliseconds)


def local_now() -> datetime:
    """In this machine's zone."""
    return datetime.now().astimezone()


def zone(name: str) -> tzinfo | None:
    """The time zone of that name; of an empty one, or `browser`, this machine's. Raises TimeError."""
    if name in ("", "browser"):
        return local_now().tzinfo
    try:
        return ZoneInfo("UTC" if name == "utc" else name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise TimeError(f"There is no time zone {name!r}: write one such as Europe/Paris.") from error


def time_range(begin: str, end: str, now: datetime) -> TimeRange:
    """The range between two times. Raises TimeError when it is none."""
    found = TimeRange(moment(begin, now), moment(end, now, end=True))
    if found.begin >= found.end:
        raise TimeError(f"The range begins at {begin}, which is not before its end, {end}.")
    return found


def moment(text: str, now: datetime, *, end: bool = False) -> int:
    """Milliseconds since 1970; `now/d` as an `end` is the last of the day. Raises TimeError.

    A date that names no zone is one of this machine's, or of `now` where that has a named one.
    """
    text = text.strip()
    try:
        found = int(text) if _MILLISECONDS.fullmatch(text) else _milliseconds(_read(text, now, end))
    except (ValueError, OverflowError, OSError) as error:
        raise TimeError(f"“{text[:40]}” is no time. {_WRITE}") from error
    return min(max(found, 0), MAX_MS)


def _read(text: str, now: datetime, end: bool) -> datetime:
    """Raises ValueError, OverflowError or OSError."""
    steps = _STEP.findall(text.removeprefix("now"))
    if not text.startswith("now") or "".join(map("".join, steps)) != text.removeprefix("now"):
        return _dated(datetime.fromisoformat(text), now.tzinfo)
    for amount, unit in steps:
        now = _rounded(now, unit, end) if amount == "/" else _moved(now, int(amount), unit)
    return now


def _dated(found: datetime, here: tzinfo | None) -> datetime:
    if found.tzinfo is not None:
        return found
    # The machine's zone comes as today's offset, which may be another one on that date.
    return found.replace(tzinfo=here) if isinstance(here, ZoneInfo) else found.astimezone()


def _milliseconds(time: datetime) -> int:
    return int(time.timestamp() * 1000)


def _moved(time: datetime, amount: int, unit: str) -> datetime:
    if unit in _SECONDS:
        # Elapsed time, whatever clocks do in between.
        return datetime.fromtimestamp(time.timestamp() + amount * _SECONDS[unit], time.tzinfo)
    if unit in _DAYS:
        return time + timedelta(days=amount * _DAYS[unit])
    months = time.year * 12 + time.month - 1 + amount * _MONTHS[unit]
    first = time.replace(year=months // 12, month=months % 12 + 1, day=1)
    return first.replace(day=min(time.day, _days_of(first)))


def _days_of(first: datetime) -> int:
    return ((first + timedelta(days=31)).replace(day=1) - first).days


def _rounded(time: datetime, unit: str, end: bool) -> datetime:
    begin = _FLOORS[unit](time.replace(microsecond=0))
    return _moved(begin, 1, unit) - timedelta(milliseconds=1) if end else begin


def _day(time: datetime) -> datetime:
    return time.replace(hour=0, minute=0, second=0)


_FLOORS: dict[str, Callable[[datetime], datetime]] = {
    "s": lambda time: time,
    "m": lambda time: time.replace(second=0),
    "h": lambda time: time.replace(minute=0, second=0),
    "d": _day,
    "w": lambda time: _day(time) - timedelta(days=time.weekday()),
    "M": lambda time: _day(time).replace(day=1),
    "Q": lambda time: _day(time).replace(month=(time.month - 1) // 3 * 3 + 1, day=1),
    "y": lambda time: _day(time).replace(month=1, day=1),
}
