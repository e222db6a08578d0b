"""Words and colours in the place of values."""

from typing import Any

import pytest

from ai_monitoring.embedded.viewer.boards.mappings import Mapped, mapped, written
from ai_monitoring.embedded.viewer.boards.patterns import PatternError

VALUES = {
    "type": "value",
    "options": {"0": {"text": "down", "color": "red"}, "up": {"text": "UP"}, "null": {"text": "-"}},
}
RANGE = {"type": "range", "options": {"from": 5, "to": None, "result": {"text": "many", "color": "orange"}}}
REGEX = {"type": "regex", "options": {"pattern": "/^(.*)\\.local$/i", "result": {"text": "host $1"}}}
SPECIAL = {"type": "special", "options": {"match": "null+nan", "result": {"text": "N/A"}}}
COLOUR = {"type": "value", "options": {"3": {"color": "blue"}}}


@pytest.mark.parametrize(
    ("mapping", "value", "result"),
    [
        (VALUES, 0, Mapped("down", "red")),
        (VALUES, 0.0, Mapped("down", "red")),
        (VALUES, "up", Mapped("UP")),
        (VALUES, None, Mapped("-")),
        (VALUES, 0.5, Mapped()),
        (RANGE, 5, Mapped("many", "orange")),
        (RANGE, 4.9, Mapped()),
        (RANGE, "9", Mapped()),
        (REGEX, "node.LOCAL", Mapped("host node")),
        (REGEX, "node", Mapped()),
        (SPECIAL, None, Mapped("N/A")),
        (SPECIAL, 1, Mapped()),
        ({"type": "special", "options": {"match": "true", "result": {"text": "yes"}}}, True, Mapped("yes")),
        ({"type": "special", "options": {"match": "empty", "result": {"text": "none"}}}, "", Mapped("none")),
        (COLOUR, 3, Mapped(None, "blue")),
        ({"type": "new", "options": {}}, 3, Mapped()),
    ],
)
def test_maps(mapping: dict[str, Any], value: Any, result: Mapped) -> None:
    assert mapped(value, [mapping]) == result


def test_the_first_that_fits_wins() -> None:
    assert mapped(9, [COLOUR, RANGE, SPECIAL]).text == "many"


def test_an_expression_that_is_none_is_named() -> None:
    with pytest.raises(PatternError, match=r"'\('"):
        mapped("a", [{"type": "regex", "options": {"pattern": "("}}])


def test_numbers_are_written_as_javascript_does() -> None:
    assert [written(value) for value in (1.0, 1.5, True, None, "a")] == ["1", "1.5", "true", "", "a"]
