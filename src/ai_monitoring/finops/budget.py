"""A budget as monitoring.yaml states it, and the calendar that it follows."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo


class Scope(StrEnum):
    """Whose money it is."""

    TEAM = "team"
    PROJECT = "project"
    MODEL = "model"


class Period(StrEnum):
    """How long it must last. Weeks begin on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    def bounds(self, at: float, zone: tzinfo) -> tuple[float, float]:
        """Start and end of the period that holds `at`, in Unix seconds: midnights of `zone`, whose days have 23 to 25
        hours. The end is the next period's start.
        """
        first = self._first_day(datetime.fromtimestamp(at, zone).date())
        return _midnight(first, zone), _midnight(self._next(first), zone)

    def _first_day(self, day: date) -> date:
        if self is Period.WEEK:
            return day - timedelta(days=day.weekday())
        return day.replace(day=1) if self is Period.MONTH else day

    def _next(self, first: date) -> date:
        if self is Period.MONTH:
            return (first + timedelta(days=31)).replace(day=1)
        return first + timedelta(days=7 if self is Period.WEEK else 1)


@dataclass(frozen=True, slots=True)
class Budget:
    """`limit` in the configured currency, above 0 and finite; `name` of a team, project or model as labels show it."""

    scope: Scope
    name: str
    period: Period
    limit: Decimal


def zone(name: str) -> tzinfo:
    """The time zone of that name. Raises OSError, ValueError or KeyError where the machine knows none such."""
    return UTC if name == "UTC" else ZoneInfo(name)


def _midnight(day: date, zone_: tzinfo) -> float:
    """Where a clock skips midnight, its first moment after it; where midnight comes twice, the first."""
    return datetime(day.year, day.month, day.day, tzinfo=zone_).timestamp()
