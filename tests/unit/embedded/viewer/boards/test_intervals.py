"""Grafana's rules for the distance of points."""

import pytest

from ai_monitoring.embedded.viewer.boards import intervals

HOUR = 3_600_000


@pytest.mark.parametrize(
    ("text", "length"), [("250ms", 250), ("5m", 300_000), ("1h30m", 5_400_000), (">10s", 10_000), ("1d", 86_400_000)]
)
def test_reads_a_duration(text: str, length: int) -> None:
    assert intervals.milliseconds(text) == length


@pytest.mark.parametrize("text", ["", "5", "m", "5 minutes", "0s", "$interval"])
def test_refuses_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="no duration"):
        intervals.milliseconds(text)


@pytest.mark.parametrize(("length", "text"), [(15_000, "15s"), (90_000, "90s"), (HOUR, "1h"), (1500, "1500ms")])
def test_writes_a_duration_that_loses_nothing(length: int, text: str) -> None:
    assert intervals.duration(length) == text


@pytest.mark.parametrize(
    ("interval", "rounded"),
    [(1, 1), (12, 10), (1499, 1000), (1500, 2000), (6000, 5000), (36_000, 30_000), (10**12, 31_536_000_000)],
)
def test_rounds_as_grafana(interval: float, rounded: int) -> None:
    assert intervals.rounded(interval) == rounded


def test_an_interval_follows_range_and_width_down_to_the_least() -> None:
    assert intervals.interval(6 * HOUR, 720, 15_000) == 30_000
    assert intervals.interval(HOUR, 1000, 15_000) == 15_000


def test_a_safe_step_keeps_within_what_sources_answer() -> None:
    assert intervals.safe(15_000, HOUR) == 15_000
    month = 30 * 24 * HOUR
    assert month / intervals.safe(1000, month) <= intervals.MAX_POINTS


def test_a_rate_covers_four_scrapes() -> None:
    assert intervals.rate_interval(15_000) == 60_000
    assert intervals.rate_interval(300_000) == 315_000
    assert intervals.rate_interval(15_000, 60_000) == 240_000
