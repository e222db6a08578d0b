"""Operators between series, between numbers, and between both."""

import math
import operator
from collections.abc import Callable

from ai_monitoring.embedded.logql.errors import LogQLError
from ai_monitoring.embedded.logql.expressions import BinaryOperation, Matching
from ai_monitoring.embedded.logql.table import Table, Values, mapped
from ai_monitoring.embedded.store.records import Labels

Operand = Table | float
Arithmetic = Callable[[float, float], float]


def _power(left: float, right: float) -> float:
    try:
        result = left**right
    except ZeroDivisionError:
        return math.inf
    except OverflowError:
        return math.inf
    return math.nan if isinstance(result, complex) else float(result)


_ARITHMETIC: dict[str, Arithmetic] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": lambda left, right: left / right if right else math.nan,
    "%": lambda left, right: math.fmod(left, right) if right and math.isfinite(left) else math.nan,
    "^": _power,
}
COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


def applied(operation: BinaryOperation, left: Operand, right: Operand, steps: int) -> Operand:
    """The result. Raises LogQLError where series cannot be told apart."""
    if isinstance(left, dict) and isinstance(right, dict):
        if operation.operator in ("and", "or", "unless"):
            return _sets(operation, left, right, steps)
        return _matched(operation, left, right)
    if isinstance(left, dict):
        number = float(right)  # type: ignore[arg-type]
        return mapped(left, lambda value: _result(operation, value, number, value))
    if isinstance(right, dict):
        number = left
        return mapped(right, lambda value: _result(operation, number, value, value))
    result = _result(operation, left, right, left)
    return math.nan if result is None else result


def _result(operation: BinaryOperation, left: float, right: float, kept: float) -> float | None:
    """The value, or None for what a comparison leaves out; one that holds gives the value `kept`."""
    if arithmetic := _ARITHMETIC.get(operation.operator):
        return arithmetic(left, right)
    holds = COMPARISONS[operation.operator](left, right)
    if operation.bool:
        return float(holds)
    return kept if holds else None


def _key(labels: Labels, matching: Matching) -> Labels:
    return tuple(pair for pair in labels if (pair[0] in matching.labels) == matching.on)


def _matched(operation: BinaryOperation, left: Table, right: Table) -> Table:
    others = _unique(right, operation.matching, "right")
    result: Table = {}
    for key, values in _unique(left, operation.matching, "left").items():
        if key in others:
            pairs = zip(values, others[key], strict=True)
            joined = [None if a is None or b is None else _result(operation, a, b, a) for a, b in pairs]
            if any(value is not None for value in joined):
                result[key] = joined
    return result


def _unique(table: Table, matching: Matching, side: str) -> dict[Labels, Values]:
    found: dict[Labels, Values] = {}
    for labels, values in table.items():
        key = _key(labels, matching)
        if key not in found:
            found[key] = values
        elif any(a is not None and b is not None for a, b in zip(found[key], values, strict=True)):
            raise LogQLError(
                f"found duplicate series on the {side} hand-side;many-to-many matching not allowed:"
                " matching labels must be unique on one side"
            )
        else:
            found[key] = [b if a is None else a for a, b in zip(found[key], values, strict=True)]
    return found


def _sets(operation: BinaryOperation, left: Table, right: Table, steps: int) -> Table:
    there, here = _presence(right, operation.matching, steps), _presence(left, operation.matching, steps)
    nowhere = [False] * steps
    if operation.operator == "or":
        result = {labels: list(values) for labels, values in left.items()}
        for labels, values in right.items():
            taken = here.get(_key(labels, operation.matching), nowhere)
            added = [None if other else value for value, other in zip(values, taken, strict=True)]
            own = result.get(labels, [None] * steps)
            result[labels] = [b if a is None else a for a, b in zip(own, added, strict=True)]
    else:
        wanted = operation.operator == "and"
        result = {
            labels: [
                value if other == wanted else None
                for value, other in zip(values, there.get(_key(labels, operation.matching), nowhere), strict=True)
            ]
            for labels, values in left.items()
        }
    return {labels: values for labels, values in result.items() if any(value is not None for value in values)}


def _presence(table: Table, matching: Matching, steps: int) -> dict[Labels, list[bool]]:
    """For each key at which steps there is a sample."""
    found: dict[Labels, list[bool]] = {}
    for labels, values in table.items():
        present = found.setdefault(_key(labels, matching), [False] * steps)
        for step, value in enumerate(values):
            present[step] |= value is not None
    return found
