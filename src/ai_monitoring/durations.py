"""How long something lasts: as a person reads it, and as one writes it."""

import re
from datetime import timedelta

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def said(seconds: float) -> str:
    """In its two largest units: `42 s`, `2 h 5 min`, `3 d`."""
    left = max(0, round(seconds))
    parts = []
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1)):
        count, left = divmod(left, length)
        parts.append((count, unit))
    first = next((index for index, (count, _) in enumerate(parts) if count), len(parts) - 1)
    return " ".join(f"{count} {unit}" for count, unit in parts[first : first + 2] if count) or "0 s"


def read(text: str) -> timedelta:
    """A time such as 30m, 24h, 7d or 2w. Raises ValueError for any other text."""
    match = re.fullmatch(r"([0-9]{1,4})([mhdw])", text)
    if match is None or int(match[1]) == 0:
        raise ValueError(f"{text!r} is no time such as 30m, 24h, 7d or 2w")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})
