import math

import pytest

from ai_monitoring.embedded.viewer import wording


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0000042, "4.2 µs"), (0.23, "230 ms"), (0.99951, "1000 ms"), (1.234, "1.23 s"), (180, "3 min"), (0, "0 µs")],
)
def test_seconds(value: float, text: str) -> None:
    assert wording.seconds(value) == text


def test_what_is_not_known() -> None:
    for say in (wording.seconds, wording.share, wording.rate):
        assert say(None) == say(math.nan) == "\N{EN DASH}"


def test_units() -> None:
    assert wording.share(0.1234) == "12.3 %"
    assert wording.rate(1234.5) == "1234/s"
    assert wording.size(1023) == "1023 B"
    assert wording.size(734_003_200) == "700 MiB"
    assert wording.number(math.inf) == "inf"
    assert wording.number(-0.5) == "-0.5"


def test_lists() -> None:
    assert wording.counted(1, "alert") == "1 alert"
    assert wording.counted(2, "series", "series") == "2 series"
    assert wording.listed(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"
    assert wording.utc(0.5) == "1970-01-01T00:00:00.500Z"
