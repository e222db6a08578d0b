import pytest

from ai_monitoring.embedded.loki.parameters import Parameters, nanoseconds

SECOND = 10**9
NOW = 1_800_000_000 * SECOND


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("1700000000", 1_700_000_000 * SECOND),
        ("1700000000.5", 1_700_000_000_500_000_000),
        ("1700000000123456789", 1_700_000_000_123_456_789),
        ("2026-01-31T12:00:00Z", 1_769_860_800 * SECOND),
        ("2026-01-31T12:00:00.000000001+02:00", 1_769_853_600 * SECOND + 1),
    ],
)
def test_times_come_in_lokis_forms(text: str, moment: int) -> None:
    assert nanoseconds(text) == moment


@pytest.mark.parametrize("text", ["now", "1e400", "nan", "2026-13-01T00:00:00Z", "2026-01-31", "٣"])
def test_other_times_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="could not parse 'start' parameter"):
        Parameters({"start": text}, NOW).bounds()


def test_the_range_ends_now_and_is_an_hour_long() -> None:
    assert Parameters({}, NOW).bounds() == (NOW - 3600 * SECOND, NOW)
    assert Parameters({"since": "30m"}, NOW).bounds() == (NOW - 1800 * SECOND, NOW)
    assert Parameters({"end": "1700000000"}, NOW).bounds() == ((1_700_000_000 - 3600) * SECOND, 1_700_000_000 * SECOND)


def test_an_end_in_the_future_does_not_move_the_start() -> None:
    end = NOW + 7200 * SECOND
    assert Parameters({"end": str(end)}, NOW).bounds() == (NOW - 3600 * SECOND, end)


@pytest.mark.parametrize(
    ("text", "step"), [("15", 15), ("0.5", 0.5), ("1m", 60), ("", 14), ("1h30m", 5400), ("250ms", 0.25)]
)
def test_steps_are_seconds_or_durations(text: str, step: float) -> None:
    assert Parameters({"step": text}, NOW).step(0, 3600 * SECOND) == step * SECOND


@pytest.mark.parametrize("text", ["0", "-1", "x", "1e400", "nan"])
def test_other_steps_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="step"):
        Parameters({"step": text}, NOW).step(0, SECOND)


@pytest.mark.parametrize("text", ["0", "-1", "x", "1.5", "9999999999"])
def test_a_limit_is_a_number_of_lines(text: str) -> None:
    with pytest.raises(ValueError, match="limit"):
        Parameters({"limit": text}, NOW).limit()


def test_the_newest_lines_come_first_unless_told_otherwise() -> None:
    assert Parameters({}, NOW).backward()
    assert not Parameters({"direction": "FORWARD"}, NOW).backward()
    with pytest.raises(ValueError, match="invalid direction 'up'"):
        Parameters({"direction": "up"}, NOW).backward()
