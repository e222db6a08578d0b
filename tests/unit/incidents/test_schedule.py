"""Hours of digests, on days with 23, 24 and 25 hours."""

from datetime import datetime

import pytest

from ai_monitoring.incidents.schedule import Period, Schedule


def schedule(at: str = "08:00", zone: str = "Europe/Paris", weekday: str = "monday") -> Schedule:
    return Schedule.read({"DIGEST_TIME": at, "DIGEST_TIME_ZONE": zone, "DIGEST_WEEKDAY": weekday})


def due(period: Period, now: str, **settings: str) -> str:
    """When it was last due, in the digest's zone."""
    found = schedule(**settings)
    moment = found.latest(period, datetime.fromisoformat(now).timestamp())
    return datetime.fromtimestamp(moment, found.zone).isoformat()


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-26T08:00:00+01:00", "2026-11-26T08:00:00+01:00"),
        ("2026-11-26T07:59:59+01:00", "2026-11-25T08:00:00+01:00"),
        ("2026-11-26T23:30:00+00:00", "2026-11-26T08:00:00+01:00"),
        ("2026-03-29T12:00:00+02:00", "2026-03-29T08:00:00+02:00"),
        ("2026-10-25T07:30:00+01:00", "2026-10-24T08:00:00+02:00"),
    ],
)
def test_daily(now: str, expected: str) -> None:
    assert due(Period.DAILY, now) == expected


def test_weekly_is_on_its_weekday() -> None:
    assert due(Period.WEEKLY, "2026-11-26T12:00:00+01:00") == "2026-11-23T08:00:00+01:00"
    assert due(Period.WEEKLY, "2026-11-26T12:00:00+01:00", weekday="thursday") == "2026-11-26T08:00:00+01:00"
    assert due(Period.WEEKLY, "2026-11-26T07:00:00+01:00", weekday="thursday") == "2026-11-19T08:00:00+01:00"


def test_hour_that_the_clock_leaves_out_and_one_that_comes_twice() -> None:
    assert due(Period.DAILY, "2026-03-29T12:00:00+02:00", at="02:30") == "2026-03-29T03:30:00+02:00"
    assert due(Period.DAILY, "2026-10-25T12:00:00+01:00", at="02:30") == "2026-10-25T02:30:00+02:00"


def test_utc_needs_no_database_of_zones() -> None:
    assert due(Period.DAILY, "2026-11-26T12:00:00+00:00", zone="UTC") == "2026-11-26T08:00:00+00:00"
