"""The options of variables."""

import pytest

from ai_monitoring.embedded.viewer.boards.options import Option, chosen, custom, durations, ordered
from ai_monitoring.embedded.viewer.boards.patterns import PatternError


def same(*values: str) -> list[Option]:
    return [Option(value, value) for value in values]


def test_custom_values_may_have_names_and_commas() -> None:
    assert custom(r"a, Berlin : ber ,c\,d,") == [Option("a", "a"), Option("Berlin", "ber"), Option("c,d", "c,d")]


def test_durations_may_be_quoted() -> None:
    assert durations("1m,5m, \"1h\",'1d'") == ["1m", "5m", "1h", "1d"]


@pytest.mark.parametrize(
    ("expression", "options"),
    [
        ("", same("web-1", "web-2", "db")),
        ("/web/", same("web-1", "web-2")),
        (r"/(\w+)-\d/", same("web")),
        (r"/(?<text>\w+)-(?<value>\d)/", [Option("web", "1"), Option("web", "2")]),
        ("/WEB-1/i", same("web-1")),
    ],
)
def test_an_expression_chooses(expression: str, options: list[Option]) -> None:
    assert chosen(["web-1", "web-2", "db", "db"], expression) == options


def test_an_expression_that_is_none_is_named() -> None:
    with pytest.raises(PatternError, match=r"'\['"):
        chosen(["a"], "[")


@pytest.mark.parametrize(
    ("sort", "values"),
    [
        (0, "b10 A2 a1"),
        (1, "A2 a1 b10"),
        (2, "b10 a1 A2"),
        (3, "a1 A2 b10"),
        (4, "b10 A2 a1"),
        (5, "a1 A2 b10"),
        (7, "a1 A2 b10"),
        (8, "b10 A2 a1"),
    ],
)
def test_options_are_sorted(sort: int, values: str) -> None:
    assert [option.value for option in ordered(same("b10", "A2", "a1"), sort)] == values.split()
