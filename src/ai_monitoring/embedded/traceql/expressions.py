"""What an expression in braces comes to on a span."""

from ai_monitoring.embedded.store.records import Span
from ai_monitoring.embedded.traceql import fields
from ai_monitoring.embedded.traceql.syntax import Exists, Field, Literal, Operation, Unary
from ai_monitoring.embedded.traceql.trace import Trace
from ai_monitoring.embedded.traceql.values import Value, calculate, compare

_ARITHMETIC = frozenset("+-*/%^")


def holds(condition: Field, span: Span, trace: Trace) -> bool:
    return result(condition, span, trace) is True


def result(field: Field, span: Span, trace: Trace) -> Value:
    match field:
        case Literal(value):
            return value
        case Operation():
            return _operation(field, span, trace)
        case Unary(signs, operand):
            value = result(operand, span, trace)
            for sign in reversed(signs):
                value = _signed(sign, value)
            return value
        case Exists(operand, wanted):
            return (result(operand, span, trace) is not None) == wanted
        case _:
            return fields.value(field, span, trace)


def _operation(field: Operation, span: Span, trace: Trace) -> Value:
    left = result(field.first, span, trace)
    for sign, part in field.rest:
        if sign in {"&&", "||"}:
            # The right side is not looked at where the left side has decided.
            decided = (left is True) == (sign == "||")
            left = left is True if decided else holds(part, span, trace)
        else:
            right = result(part, span, trace)
            left = calculate(sign, left, right) if sign in _ARITHMETIC else compare(sign, left, right)
    return left


def _signed(sign: str, value: Value) -> Value:
    if sign == "!":
        return not value if isinstance(value, bool) else None
    return calculate("-", 0, value)
