import math

import pytest

from ai_monitoring.embedded.logql.binary import Operand, applied
from ai_monitoring.embedded.logql.errors import LogQLError
from ai_monitoring.embedded.logql.expressions import BinaryOperation, Matching, Number
from ai_monitoring.embedded.logql.table import Table

EVERY_LABEL = Matching()
A, B = (("job", "a"),), (("job", "b"),)


def apply(
    operator: str, left: Operand, right: Operand, *, matching: Matching = EVERY_LABEL, as_bool: bool = False
) -> Operand:
    return applied(BinaryOperation(operator, Number(0), Number(0), as_bool, matching), left, right, 2)


@pytest.mark.parametrize(
    ("operator", "left", "right", "result"),
    [
        ("+", 1, 2, 3),
        ("/", 1, 0, math.nan),
        ("%", 7, -4, 3),
        ("%", -7, 4, -3),
        ("%", 7, 0, math.nan),
        ("^", 2, 10, 1024),
        ("^", 0, -1, math.inf),
        ("^", -8, 1 / 3, math.nan),
        ("^", 10, 1e6, math.inf),
    ],
)
def test_arithmetic_is_gos(operator: str, left: float, right: float, result: float) -> None:
    assert apply(operator, left, right) == pytest.approx(result, nan_ok=True)


def test_a_comparison_leaves_out_what_does_not_hold() -> None:
    table: Table = {A: [1, 5], B: [1, None]}
    assert apply(">", table, 2) == {A: [None, 5]}
    assert apply("<", 2, table) == {A: [None, 5]}
    assert apply(">", table, 2, as_bool=True) == {A: [0, 1], B: [0, None]}


def test_series_meet_where_their_labels_are_equal() -> None:
    assert apply("-", {A: [5, 5], B: [1, 1]}, {A: [2, None]}) == {A: [3, None]}
    assert apply("*", {(*A, ("x", "1")): [5, 5]}, {A: [2, 2]}, matching=Matching(("job",), on=True)) == {A: [10, 10]}
    assert apply("*", {(*A, ("x", "1")): [5, 5]}, {A: [2, 2]}, matching=Matching(("x",))) == {A: [10, 10]}


def test_series_that_cannot_be_told_apart_are_refused() -> None:
    two: Table = {(*A, ("x", "1")): [1, 1], (*A, ("x", "2")): [None, 1]}
    with pytest.raises(LogQLError, match="duplicate series on the right hand-side"):
        apply("+", {A: [1, 1]}, two, matching=Matching(("job",), on=True))
    with pytest.raises(LogQLError, match="duplicate series on the left hand-side"):
        apply("+", two, {A: [1, 1]}, matching=Matching(("x",)))


def test_sets_are_taken_at_each_step() -> None:
    left: Table = {A: [1, 1], B: [2, None]}
    right: Table = {A: [9, None]}
    assert apply("and", left, right) == {A: [1, None]}
    assert apply("unless", left, right) == {A: [None, 1], B: [2, None]}
    assert apply("or", right, left) == {A: [9, 1], B: [2, None]}
