from datetime import datetime

import pytest

from ai_monitoring.embedded.viewer.times import TimeError, moment, time_range

NOW = 1_800_000_000.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("now", NOW),
        (" now-90s ", NOW - 90),
        ("now-5m", NOW - 300),
        ("now-6h", NOW - 21_600),
        ("now-7d", NOW - 604_800),
        ("now-999999y", 0),
        ("1764151200500", 1_764_151_200.5),
        ("2026-11-26T10:00:00Z", datetime.fromisoformat("2026-11-26T10:00:00Z").timestamp()),
        ("2026-11-26 10:00", datetime(2026, 11, 26, 10).astimezone().timestamp()),
    ],
)
def test_moment(text: str, seconds: float) -> None:
    assert moment(text, NOW) == seconds


@pytest.mark.parametrize(
    "text", ["", "yesterday", "now-", "now-5", "now-5x", "now+5m", "2026-13-01", "-5", "9" * 5000, "0001-01-01"]
)
def test_no_time(text: str) -> None:
    with pytest.raises(TimeError, match="is no time"):
        moment(text, NOW)


def test_range() -> None:
    assert time_range("now-1h", "now", NOW).seconds == 3600
    with pytest.raises(TimeError, match=r"ends .* before it begins"):
        time_range("now", "now-1h", NOW)
