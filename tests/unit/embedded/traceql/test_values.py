import pytest

from ai_monitoring.embedded.traceql.values import Duration, Kind, Status, Value, compare


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        (0, "0s"),
        (999, "999ns"),
        (1500, "1.5µs"),
        (516_666_666, "516.666666ms"),
        (1_380_000_000, "1.38s"),
        (-90 * 10**9, "-1m30s"),
        (3600 * 10**9, "1h0m0s"),
        (3661_500_000_000, "1h1m1.5s"),
    ],
)
def test_durations_are_written_as_go_writes_them(nanoseconds: int, text: str) -> None:
    assert str(Duration(nanoseconds)) == text


@pytest.mark.parametrize(
    ("left", "sign", "right", "holds"),
    [
        (None, "!=", "x", False),
        ("5", "=", 5, False),
        ("5", "!=", 5, False),
        (True, "=", 1, False),
        (Status.ERROR, "=", Kind.SERVER, False),
        (Status.ERROR, "=", Status.ERROR, True),
        ("abc", "=~", "b", False),
        ("abc", "=~", ".*b.*", True),
        ("abc", "!~", "b", True),
        ([1, 2], ">", 1, True),
        (1, "<", [1, 2], True),
        ([], "=", 1, False),
        (True, ">", False, False),
    ],
)
def test_comparisons(left: Value, sign: str, right: Value, holds: bool) -> None:
    assert compare(sign, left, right) is holds
