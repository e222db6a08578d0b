"""Builds a query's tree from what the grammar found, and checks the types on the way."""

from typing import Any

import re2
from lark import Token, Transformer, v_args

from ai_monitoring.embedded.traceql import literals
from ai_monitoring.embedded.traceql.errors import TraceQLError
from ai_monitoring.embedded.traceql.lexer import INTRINSICS
from ai_monitoring.embedded.traceql.syntax import (
    Aggregate,
    Attribute,
    Coalesce,
    Exists,
    Field,
    Filter,
    Group,
    Intrinsic,
    Literal,
    Operation,
    Pipeline,
    Reference,
    ScalarFilter,
    Select,
    SpansetOperation,
    Stage,
    Unary,
)
from ai_monitoring.embedded.traceql.types import check_operands, check_type, reads_span
from ai_monitoring.embedded.traceql.values import pattern

_MIRRORED = {">": "<", ">=": "<=", "<": ">", "<=": ">="}
_TRUE = Literal(True)
_IDENTIFIERS = {"trace:id", "span:id", "span:parentID", "link:traceID", "link:spanID"}
_NEVER_NIL = Attribute("resource", "service.name")


@v_args(inline=True)
class Builder(Transformer[Token, Any]):
    """Lark calls the method of a rule's name with what the rule found. `references` are the fields that were named."""

    def __init__(self) -> None:
        super().__init__()
        self.references: list[Reference] = []

    def start(self, pipeline: Pipeline, _: Any) -> Pipeline:
        return pipeline

    def pipeline(self, *stages: Stage) -> Pipeline:
        return Pipeline(stages)

    def structural(self, sign: Token) -> Token:
        if sign in {"=", "!=", "<=", ">=", "=~"}:
            raise _error(f"{sign} does not stand between spansets", sign)
        return sign

    def spanset_operation(self, first: Stage, *rest: Any) -> Stage:
        return SpansetOperation(first, _pairs(rest)) if rest else first

    def filter(self, condition: Field | None) -> Filter:
        check_type(condition or _TRUE, "boolean", "span filter field expressions must resolve to a boolean")
        return Filter(condition or _TRUE)

    def scalar_filter(self, aggregate: Aggregate, sign: Token, value: Any) -> ScalarFilter:
        return ScalarFilter(aggregate, str(sign), value)

    def scalar_filter_reversed(self, value: Any, sign: Token, aggregate: Aggregate) -> ScalarFilter:
        return ScalarFilter(aggregate, _MIRRORED.get(sign, str(sign)), value)

    def aggregate(self, function: Token, operand: Field | None) -> Aggregate:
        if (function == "count") != (operand is None):
            raise _error("count() takes nothing, and every other aggregate a field, as avg(duration) does", function)
        check_type(operand or Literal(1), "number", "aggregate field expressions must resolve to a number type")
        if operand is not None and not reads_span(operand):
            raise _error("aggregate field expressions must reference the span", function)
        return Aggregate(str(function), operand, f"{function}({_text(operand)})")

    def group(self, field: Field) -> Group:
        return Group(field, f"by({_text(field)})")

    def coalesce(self) -> Coalesce:
        return Coalesce()

    def select(self, *fields: Reference) -> Select:
        return Select(fields)

    def number(self, minus: Token | None, token: Token) -> int | float:
        value = literals.number(token)
        return -value if minus else value

    def operation(self, first: Field, *rest: Any) -> Field:
        pairs = _pairs(rest)
        left = first
        for (sign, right), token in zip(pairs, rest[::2], strict=True):
            check_operands(token, left, right)
            left = Operation(left, ((sign, right),)) if sign not in {"&&", "||"} else _TRUE
        return Operation(first, pairs) if rest else first

    def compared(self, left: Field, sign: Token | None, right: Field | None) -> Field:
        if sign is None or right is None:
            return left
        if _is_nil(left) or _is_nil(right):
            return _existence(left, sign, right)
        check_operands(sign, left, right)
        if sign in {"=~", "!~"}:
            _check_pattern(sign, right)
        return Operation(_identifier(left, right), ((str(sign), _identifier(right, left)),))

    def unary(self, *parts: Any) -> Field:
        *signs, operand = parts
        wanted = "number" if signs[-1] == "-" else "boolean"
        check_type(operand, wanted, f"illegal operation for the given type: {signs[-1]}")
        return Unary(tuple(map(str, signs)), operand)

    def literal(self, token: Token) -> Literal:
        return Literal(literals.value(token))

    def reference(self, token: Token) -> Reference:
        found = Intrinsic(INTRINSICS[token]) if token.type == "INTRINSIC" else _attribute(token)
        self.references.append(found)
        return found


def _pairs(rest: tuple[Any, ...]) -> tuple[tuple[str, Any], ...]:
    return tuple(zip(map(str, rest[::2]), rest[1::2], strict=True))


def _attribute(token: Token) -> Attribute:
    scope, _, name = token.partition(".")
    return Attribute(scope, literals.attribute_name(name))


def _text(field: Field | None) -> str:
    return "" if field is None else str(field)


def _identifier(field: Field, other: Field) -> Field:
    """Identifiers are compared without the zeros before them, which people write or not."""
    if isinstance(field, Literal) and isinstance(other, Intrinsic) and other.name in _IDENTIFIERS:
        return Literal(str(field.value).lstrip("0"))
    return field


def _is_nil(field: Field) -> bool:
    return isinstance(field, Literal) and field.value is None


def _existence(left: Field, sign: Token, right: Field) -> Field:
    if sign not in {"=", "!="}:
        raise _error(f"nil is compared by = and !=, not by {sign}", sign)
    field = right if _is_nil(left) else left
    if sign == "=" and (isinstance(field, Intrinsic) or field == _NEVER_NIL):
        raise _error(f"{field}=nil is not valid because no span lacks it", sign)
    return Literal(False) if _is_nil(field) else Exists(field, sign == "!=")


def _check_pattern(sign: Token, right: Field) -> None:
    if not isinstance(right, Literal):
        raise _error(f"the right side of {sign} is a text", sign)
    try:
        pattern(right.value)
    except re2.error as error:
        raise _error(f"invalid regex: {right.value!r}: {error}", sign) from None


def _error(problem: str, token: Token) -> TraceQLError:
    return TraceQLError(problem, token.line or 0, token.column or 0)
