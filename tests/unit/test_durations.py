from datetime import timedelta

import pytest

from ai_monitoring import durations


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-3, "0 s"),
        (0.4, "0 s"),
        (59.4, "59 s"),
        (59.7, "1 min"),
        (62, "1 min 2 s"),
        (3600, "1 h"),
        (7505, "2 h 5 min"),
        (86_405, "1 d"),
        (90_061, "1 d 1 h"),
    ],
)
def test_said(seconds: float, text: str) -> None:
    assert durations.said(seconds) == text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("90m", timedelta(minutes=90)),
        ("24h", timedelta(hours=24)),
        ("7d", timedelta(days=7)),
        ("2w", timedelta(weeks=2)),
    ],
)
def test_read(text: str, found: timedelta) -> None:
    assert durations.read(text) == found


@pytest.mark.parametrize("text", ["", "0h", "24", "h", "-1h", "1h30m", "12345h", "1 h", "1y", "٣h"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no time such as 30m, 24h, 7d or 2w"):
        durations.read(text)
