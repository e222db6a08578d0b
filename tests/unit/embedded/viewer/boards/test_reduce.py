"""Grafana's calculations."""

from typing import Any

import pytest

from ai_monitoring.embedded.viewer.boards.reduce import name_of, reduced

VALUES = [None, 4.0, 2.0, None, 6.0, None]


@pytest.mark.parametrize(
    ("calculation", "result"),
    [
        ("lastNotNull", 6),
        ("last", None),
        ("firstNotNull", 4),
        ("first", None),
        ("mean", 4),
        ("median", 4),
        ("min", 2),
        ("max", 6),
        ("sum", 12),
        ("count", 6),
        ("range", 4),
        ("delta", 6),  # from 4 to 2 is a reset
        ("diff", 2),
        ("diffperc", 0.5),
        ("step", -2),
        ("logmin", 2),
        ("allIsZero", False),
        ("allIsNull", False),
        ("changeCount", 5),
        ("distinctCount", 4),
        ("p50", 4),
        ("p95", 6),
        ("variance", pytest.approx(8 / 3)),
        ("uniqueValues", "4.0, 2.0, 6.0"),
    ],
)
def test_reduces(calculation: str, result: Any) -> None:
    assert reduced(VALUES, calculation) == result


@pytest.mark.parametrize("calculation", ["lastNotNull", "mean", "sum", "diff", "p95", "last"])
def test_nothing_has_no_value(calculation: str) -> None:
    assert reduced([None, None], calculation) is None
    assert reduced([], calculation) is None


def test_words_have_a_last_one_and_no_mean() -> None:
    assert reduced(["a", "b"], "lastNotNull") == "b"
    assert reduced(["a", "b"], "mean") is None


def test_what_no_number_holds_is_none() -> None:
    assert reduced([1e308, 1e308], "sum") is None


def test_an_unknown_one_is_named() -> None:
    with pytest.raises(ValueError, match="'p100'"):
        reduced([1.0], "p100")


def test_calculations_have_names() -> None:
    assert (name_of("lastNotNull"), name_of("p95")) == ("Last *", "p95")
