"""Times as a person, an address and Grafana write them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from ai_monitoring.embedded.viewer.times import TimeError, TimeRange, local_now, moment, time_range, zone

NOW = datetime(2026, 5, 14, 15, 30, 20, tzinfo=UTC)  # a Thursday


def shown(text: str, now: datetime = NOW, *, end: bool = False) -> str:
    return datetime.fromtimestamp(moment(text, now, end=end) / 1000, now.tzinfo).strftime("%Y-%m-%dT%H:%M:%S")


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("now", "2026-05-14T15:30:20"),
        ("now-6h", "2026-05-14T09:30:20"),
        ("now-30s", "2026-05-14T15:29:50"),
        ("now/h", "2026-05-14T15:00:00"),
        ("now/d", "2026-05-14T00:00:00"),
        ("now/w", "2026-05-11T00:00:00"),
        ("now/M", "2026-05-01T00:00:00"),
        ("now/Q", "2026-04-01T00:00:00"),
        ("now/y", "2026-01-01T00:00:00"),
        ("now-1d/d", "2026-05-13T00:00:00"),
        ("now-3M", "2026-02-14T15:30:20"),
        ("now+1w", "2026-05-21T15:30:20"),
        ("1778772620000", "2026-05-14T15:30:20"),
        (" now-90s ", "2026-05-14T15:28:50"),
        ("now-100y", "1970-01-01T00:00:00"),
        ("2026-05-14T10:00:00Z", "2026-05-14T10:00:00"),
        ("2026-05-14T10:00:00+02:00", "2026-05-14T08:00:00"),
    ],
)
def test_reads_a_time(text: str, time: str) -> None:
    assert shown(text) == time


def test_a_date_is_one_of_the_named_zone_or_of_this_machines() -> None:
    paris = NOW.astimezone(ZoneInfo("Europe/Paris"))
    assert moment("2026-01-14 10:00", paris) == datetime(2026, 1, 14, 9, tzinfo=UTC).timestamp() * 1000
    assert moment("2026-01-14 10:00", local_now()) == datetime(2026, 1, 14, 10).astimezone().timestamp() * 1000


def test_an_end_is_the_last_moment_of_its_unit() -> None:
    assert shown("now-1d/d", end=True) == "2026-05-13T23:59:59"


def test_a_month_that_is_shorter_ends_on_its_last_day() -> None:
    assert shown("now-1M", NOW.replace(month=3, day=31)) == "2026-02-28T15:30:20"


def test_days_begin_by_the_clocks_of_the_zone() -> None:
    assert moment("now/d", NOW.astimezone(ZoneInfo("Europe/Paris"))) == moment("now/d", NOW) - 7_200_000


def test_hours_have_passed_whatever_clocks_did() -> None:
    after = datetime(2026, 3, 29, 4, 0, tzinfo=ZoneInfo("Europe/Paris"))  # clocks went from 2 to 3
    assert moment("now", after) - moment("now-3h", after) == 3 * 3_600_000


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "now-", "now-5", "now-1x", "now-1h;", "2026-13-01", "-5", "9" * 5000, "now-999999y", "now+9999y"],
)
def test_refuses_what_is_no_time(text: str) -> None:
    with pytest.raises(TimeError, match=r"is no time\. Write now-6h"):
        moment(text, NOW)


def test_refuses_a_range_that_ends_before_it_begins() -> None:
    with pytest.raises(TimeError, match="not before its end"):
        time_range("now", "now-1h", NOW)


def test_a_range_has_a_length_and_can_be_earlier() -> None:
    found = TimeRange(10_000, 40_000)
    assert (found.length, found.earlier(1000)) == (30_000, TimeRange(9000, 39_000))
    assert found.seconds == (10, 40)


def test_refuses_a_zone_that_is_none() -> None:
    assert zone("utc") == ZoneInfo("UTC")
    for name in ("Europe/Atlantis", "../../etc/passwd", "/etc/localtime"):
        with pytest.raises(TimeError, match="time zone"):
            zone(name)
