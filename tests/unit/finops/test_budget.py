from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from ai_monitoring.finops.budget import Period, zone

PARIS = ZoneInfo("Europe/Paris")


def at(text: str, place: str = "Europe/Paris") -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(place)).timestamp()


@pytest.mark.parametrize(
    ("period", "inside", "start", "end"),
    [
        ("day", "2026-11-27 15:00", "2026-11-27", "2026-11-28"),
        ("day", "2026-11-27 00:00", "2026-11-27", "2026-11-28"),
        ("day", "2026-12-31 23:59:59", "2026-12-31", "2027-01-01"),
        ("week", "2026-11-27 15:00", "2026-11-23", "2026-11-30"),
        ("week", "2026-11-23 00:00", "2026-11-23", "2026-11-30"),
        ("week", "2026-11-22 23:59", "2026-11-16", "2026-11-23"),
        ("month", "2026-11-27 15:00", "2026-11-01", "2026-12-01"),
        ("month", "2026-12-31 23:59", "2026-12-01", "2027-01-01"),
        ("month", "2028-02-29 12:00", "2028-02-01", "2028-03-01"),
    ],
)
def test_a_period_begins_and_ends_at_midnights_of_its_zone(period: str, inside: str, start: str, end: str) -> None:
    assert Period(period).bounds(at(inside), PARIS) == (at(start), at(end))


@pytest.mark.parametrize(
    ("day", "hours"),
    [("2026-03-29 12:00", 23), ("2026-10-25 12:00", 25), ("2026-10-25 02:30", 25), ("2026-11-27 12:00", 24)],
)
def test_a_day_of_the_changing_clock_has_its_own_length(day: str, hours: int) -> None:
    start, end = Period.DAY.bounds(at(day), PARIS)
    assert (end - start) / 3600 == hours


def test_a_week_and_a_month_with_a_change_of_the_clock() -> None:
    start, end = Period.WEEK.bounds(at("2026-03-25 12:00"), PARIS)
    assert end - start == 7 * 86_400 - 3600
    start, end = Period.MONTH.bounds(at("2026-10-01 00:00"), PARIS)
    assert end - start == 31 * 86_400 + 3600


def test_where_midnight_does_not_exist_the_day_begins_after_it() -> None:
    place = "America/Havana"  # at 0:00 of 8 March 2026 its clocks go to 1:00
    start, end = Period.DAY.bounds(at("2026-03-08 12:00", place), ZoneInfo(place))
    assert start == at("2026-03-08 01:00", place)
    assert end - start == 23 * 3600


def test_each_moment_lies_in_just_one_period() -> None:
    for period in Period:
        start, end = period.bounds(at("2026-10-20 12:00"), PARIS)
        assert period.bounds(start, PARIS) == (start, end)
        assert period.bounds(end - 1, PARIS) == (start, end)
        assert period.bounds(end, PARIS)[0] == end


def test_a_zone_that_nobody_knows() -> None:
    with pytest.raises(KeyError):
        zone("Europe/Atlantis")
