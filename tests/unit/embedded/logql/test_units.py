import math

import pytest

from ai_monitoring.embedded.logql import units


@pytest.mark.parametrize(
    ("text", "nanoseconds"), [("1h30m", 5400e9), ("-1.5s", -1.5e9), ("100µs", 1e5), ("0", 0), ("1.5h", 5400e9)]
)
def test_gos_durations(text: str, nanoseconds: float) -> None:
    assert units.go_duration(text) == nanoseconds


@pytest.mark.parametrize("text", ["", "5", "1d", "s", "1h 30m", "1e3s", "9" * 30 + "h", "bad"])
def test_what_is_none_of_gos_durations(text: str) -> None:
    with pytest.raises(ValueError, match="invalid duration"):
        units.go_duration(text)


def test_prometheus_knows_days_and_weeks_in_order() -> None:
    assert units.prometheus_duration("1w2d") == 9 * 86400 * 10**9
    with pytest.raises(ValueError, match="not a valid duration"):
        units.prometheus_duration("1h1d")


@pytest.mark.parametrize(
    ("text", "size"), [("42MB", 42_000_000), ("1.5 KiB", 1536), ("7", 7), ("1,000", 1000), ("2k", 2000), ("1Gi", 2**30)]
)
def test_sizes(text: str, size: int) -> None:
    assert units.size(text) == size


@pytest.mark.parametrize("text", ["", "MB", "5XB", "5KBB", "1.2.3"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(ValueError, match=r"invalid syntax|unhandled"):
        units.size(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1"),
        (0.1 + 0.2, "0.30000000000000004"),
        (1e21, "1000000000000000000000"),
        (1e-7, "0.0000001"),
        (math.nan, "NaN"),
        (math.inf, "+Inf"),
        (-math.inf, "-Inf"),
    ],
)
def test_numbers_are_spelled_without_exponents(value: float, text: str) -> None:
    assert units.spelled(value) == text
