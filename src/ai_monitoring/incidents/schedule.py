"""When digests are due: at an hour of a place's own clock, whose days have 23 to 25 hours."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Self
from zoneinfo import ZoneInfo

DAY = 86_400.0
"""Seconds."""
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Period(StrEnum):
    DAILY = "daily"
    WEEKLY = "weekly"


@dataclass(frozen=True, slots=True)
class Schedule:
    """`at` in the time of `zone`; weekly digests on `weekday`, 0 being Monday."""

    at: time
    zone: tzinfo
    weekday: int

    @classmethod
    def read(cls, configured: Mapping[str, str]) -> Self:
        """From settings of the launcher's names, which it has checked."""
        return cls(
            time.fromisoformat(configured["DIGEST_TIME"]),
            _zone(configured["DIGEST_TIME_ZONE"]),
            WEEKDAYS.index(configured["DIGEST_WEEKDAY"]),
        )

    def latest(self, period: Period, now: float) -> float:
        """When the digest was last due, in seconds since 1970: `now` or before.

        An hour that the clock leaves out in spring is due as much later; one that comes twice, the first time.
        """
        day = datetime.fromtimestamp(now, self.zone).date()
        while not (self._is_day(period, day) and self._due(day) <= now):
            day -= timedelta(days=1)
        return self._due(day)

    def _is_day(self, period: Period, day: date) -> bool:
        return period is Period.DAILY or day.weekday() == self.weekday

    def _due(self, day: date) -> float:
        return datetime.combine(day, self.at, self.zone).timestamp()


def _zone(name: str) -> tzinfo:
    return UTC if name == "UTC" else ZoneInfo(name)
