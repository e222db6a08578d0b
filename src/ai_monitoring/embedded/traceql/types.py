"""Which types an expression may have, as far as its text tells; an attribute may have any."""

from lark import Token

from ai_monitoring.embedded.traceql.errors import TraceQLError
from ai_monitoring.embedded.traceql.syntax import Attribute, Exists, Field, Intrinsic, Literal, Operation, Unary
from ai_monitoring.embedded.traceql.values import allows, type_of

_ARITHMETIC = frozenset("+-*/%^")
_NUMBERS = {"duration", "traceDuration", "span:childCount", "event:timeSinceStart", "nestedSetParent"}


def implied_type(field: Field) -> str | None:
    """A type's name, or None where only a span decides."""
    match field:
        case Literal(value):
            return type_of(value)
        case Attribute():
            return None
        case Intrinsic(name):
            return "number" if name in _NUMBERS else name if name in {"status", "kind"} else "text"
        case Operation(_, rest):
            return "number" if rest[-1][0] in _ARITHMETIC else "boolean"
        case Unary(signs):
            return "number" if signs[0] == "-" else "boolean"
        case Exists():
            return "boolean"


def reads_span(field: Field) -> bool:
    """Whether the expression names anything of a span."""
    match field:
        case Operation(first, rest):
            return reads_span(first) or any(reads_span(part) for _, part in rest)
        case Unary(_, operand) | Exists(operand, _):
            return reads_span(operand)
    return not isinstance(field, Literal)


def check_type(field: Field, wanted: str, problem: str) -> None:
    """Raises TraceQLError, saying `problem`, where the expression can only be of another type."""
    if implied_type(field) not in {wanted, None}:
        raise TraceQLError(problem)


def check_operands(sign: Token, left: Field, right: Field) -> None:
    """Raises TraceQLError where the operator has no meaning for its operands."""
    types = {implied_type(left), implied_type(right)} - {None}
    place = (sign.line or 0, sign.column or 0)
    if len(types) > 1:
        raise TraceQLError(f"binary operations must operate on the same type: the sides of {sign}", *place)
    for kind in types:
        if kind is not None and not allows(str(sign), kind):
            raise TraceQLError(f"illegal operation for the given types: {sign}", *place)
