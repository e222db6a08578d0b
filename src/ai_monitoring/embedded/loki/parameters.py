"""What a request asks for, in the forms that Loki takes: times, durations, limits."""

import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime

from ai_monitoring.embedded.logql.units import prometheus_duration

DEFAULT_LIMIT = 100
_HOUR = 3600 * 1_000_000_000
_SECOND = 1_000_000_000
_RFC3339 = re.compile(
    r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:[.,](\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE
)


class Parameters:
    """A request's parameters. Every method raises ValueError for what it cannot read, naming the parameter."""

    def __init__(self, values: Mapping[str, str], now: int | None = None) -> None:
        """`now` in nanoseconds since 1970."""
        self._values = values
        self._now = time.time_ns() if now is None else now

    def text(self, name: str) -> str:
        return self._values.get(name, "")

    def moment(self, name: str, default: int | None = None) -> int:
        """A time in nanoseconds since 1970; without one, `default` or now."""
        text = self.text(name)
        if not text:
            return self._now if default is None else default
        try:
            return nanoseconds(text)
        except ValueError as error:
            raise ValueError(
                f"could not parse '{name}' parameter: {text!r} is no time: use nanoseconds or seconds since 1970, or"
                " RFC 3339 such as 2026-01-31T12:00:00Z"
            ) from error

    def bounds(self, since: int = _HOUR) -> tuple[int, int]:
        """`start` and `end`; without a start, `since` before the end: one hour unless the request says more."""
        if text := self.text("since"):
            since = self._duration("since", text)
        end = self.moment("end")
        return self.moment("start", min(end, self._now) - since), end

    def limit(self, default: int = DEFAULT_LIMIT) -> int:
        text = self.text("limit") or str(default)
        if not text.isascii() or not text.isdigit() or len(text) > 9:
            raise ValueError(f"could not parse 'limit' parameter: {text!r} is no number of lines")
        if int(text) == 0:
            raise ValueError("limit must be a positive value")
        return int(text)

    def step(self, begin: int, end: int) -> int:
        """The step in nanoseconds; without one, about 250 points."""
        text = self.text("step")
        if not text:
            return max((end - begin) // _SECOND // 250, 1) * _SECOND
        step = self._duration("step", text)
        if step <= 0:
            raise ValueError("zero or negative query resolution step widths are not accepted. Try a positive integer")
        return step

    def backward(self) -> bool:
        """Whether the newest lines come first."""
        text = self.text("direction").lower() or "backward"
        if text not in ("forward", "backward"):
            raise ValueError(f"invalid direction '{self.text('direction')}': use forward or backward")
        return text == "backward"

    def _duration(self, name: str, text: str) -> int:
        try:
            return round(float(text) * 1e9)
        except (ValueError, OverflowError):
            pass
        try:
            return prometheus_duration(text)
        except ValueError as error:
            raise ValueError(
                f"could not parse '{name}' parameter: cannot parse {text!r} to a valid duration"
            ) from error


def nanoseconds(text: str) -> int:
    """A time as Loki takes it: digits (seconds up to ten of them), a decimal of seconds, or RFC 3339."""
    if re.fullmatch(r"-?\d{1,19}", text, re.ASCII):
        return int(text) * (_SECOND if len(text) <= 10 else 1)
    if found := _RFC3339.fullmatch(text):
        zone = "+00:00" if found[4] in "zZ" else found[4]
        moment = datetime.fromisoformat(f"{found[1]}T{found[2]}{zone}").astimezone(UTC)
        return int(moment.timestamp()) * _SECOND + int((found[3] or "").ljust(9, "0"))
    seconds = float(text)
    if not abs(seconds) < 1e10:
        raise ValueError(text)
    return int(seconds) * _SECOND + round((seconds - int(seconds)) * 1000) * 1_000_000
