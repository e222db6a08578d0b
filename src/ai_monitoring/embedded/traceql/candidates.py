"""Which spans can be why a query finds a trace, as SQL: more than the query finds, never fewer.

What SQL cannot decide holds there, and is decided span by span afterwards.
"""

import re

from ai_monitoring.embedded.store.reader import EVERY, Condition
from ai_monitoring.embedded.traceql.syntax import (
    Attribute,
    Exists,
    Field,
    Filter,
    Intrinsic,
    Literal,
    Operation,
    Pipeline,
    SpansetOperation,
    Stage,
)
from ai_monitoring.embedded.traceql.values import Kind, Status

_COLUMNS = {
    "name": "name",
    "duration": "(end - begin)",
    "status": "status",
    "kind": "kind",
}
_DIGITS = {"trace:id": ("trace_id", 32), "span:id": ("span_id", 16)}
_MIRRORED = {">": "<", ">=": "<=", "<": ">", "<=": ">="}
_WORDS = re.compile(r"[\w/ -]+(?:\|[\w/ -]+)*")
# SQLite refuses an expression a thousand deep.
_MOST_VALUES = 500
_SERVICE = Attribute("resource", "service.name")
# The places of a span's and its resource's attributes in the column `rest`.
_PLACES = {"span": (2,), "resource": (3,), "": (2, 3)}


def candidates(pipeline: Pipeline) -> Condition:
    """The condition on spans: a trace that the pipeline finds has one for which it holds."""
    found = _stage(pipeline)
    return found if len(found.values) <= _MOST_VALUES else EVERY


def _stage(stage: Stage) -> Condition:
    match stage:
        case Pipeline(stages):
            # Later stages only narrow what the first one finds.
            return _stage(stages[0])
        case Filter(condition):
            return _condition(condition)
        case SpansetOperation(first, rest):
            found = _stage(first)
            for sign, part in rest:
                # A structural operator finds spans of its right side, and `&&` needs one of either side.
                found = _either(found, _stage(part)) if sign == "||" else _stage(part)
            return found
        case _:
            return EVERY


def _condition(field: Field) -> Condition:
    match field:
        case Exists(Attribute() as attribute, True):
            return _any_place(attribute, "json_type(rest, ?) IS NOT NULL", ())
        case Operation(first, rest) if rest[0][0] in {"&&", "||"}:
            found = _condition(first)
            for sign, part in rest:
                right = _condition(part)
                found = _either(found, right) if sign == "||" else _both(found, right)
            return found
        case Operation(Literal(value), ((sign, right),)):
            return _comparison(right, _MIRRORED.get(sign, sign), value)
        case Operation(left, ((sign, Literal(value)),)):
            return _comparison(left, sign, value)
    return EVERY


def _comparison(field: Field, sign: str, value: object) -> Condition:
    if isinstance(value, Status | Kind):
        value = value.value
    if not isinstance(value, str | int | float):
        return EVERY
    if sign == "=~" and isinstance(value, str) and _WORDS.fullmatch(value):
        # What dashboards make of a variable with several values.
        return _any([_comparison(field, "=", word) for word in value.split("|")])
    if sign not in {"=", "!=", ">", ">=", "<", "<="}:
        return EVERY
    if isinstance(field, Intrinsic):
        return _intrinsic(field.name, sign, value)
    if field == _SERVICE and sign == "=" and isinstance(value, str) and value:
        return Condition("service = ?", (value,))
    if isinstance(field, Attribute):
        return _any_place(field, f"(json_extract(rest, ?) {sign} ? OR json_type(rest, ?) = 'array')", (value,))
    return EVERY


def _intrinsic(name: str, sign: str, value: str | int | float) -> Condition:
    if name in _DIGITS and sign == "=":
        column, digits = _DIGITS[name]
        return Condition(f"{column} = ?", (str(value).zfill(digits),))
    return Condition(f"{_COLUMNS[name]} {sign} ?", (value,)) if name in _COLUMNS else EVERY


def _any_place(attribute: Attribute, sql: str, values: tuple[str | int | float, ...]) -> Condition:
    """`sql` about each place in which the attribute may be; its first and last `?` are the place's path."""
    # A JSON path of SQLite knows no escapes, and JSON may have escaped what is not ASCII.
    name = attribute.name
    if attribute.scope not in _PLACES or not (name.isascii() and name.isprintable()) or set(name) & set('"\\'):
        return EVERY
    paths = [f'$[{place}]."{attribute.name}"' for place in _PLACES[attribute.scope]]
    last = 1 if values else 0
    return _any([Condition(sql, (path, *values, *[path] * last)) for path in paths])


def _any(conditions: list[Condition]) -> Condition:
    found = conditions[0]
    for condition in conditions[1:]:
        found = _either(found, condition)
    return found


def _either(left: Condition, right: Condition) -> Condition:
    if EVERY in (left, right):
        return EVERY
    return _Either(f"({_inside(left)} OR {_inside(right)})", left.values + right.values)


class _Either(Condition):
    """Parentheses around alternatives. SQLite refuses a hundred of them inside each other."""


def _inside(condition: Condition) -> str:
    return condition.sql[1:-1] if isinstance(condition, _Either) else condition.sql


def _both(left: Condition, right: Condition) -> Condition:
    if left == EVERY:
        return right
    return left if right == EVERY else left & right
