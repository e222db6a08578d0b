"""From a query's text to its expression."""

from functools import cache
from pathlib import Path

from lark import Lark, Token, UnexpectedCharacters, UnexpectedInput, UnexpectedToken
from lark.exceptions import VisitError

from ai_monitoring.embedded.logql.builder import Builder
from ai_monitoring.embedded.logql.errors import SyntaxProblemError
from ai_monitoring.embedded.logql.expressions import Expression

MAX_LENGTH = 131_072
"""Characters of a query, as in Loki."""
MAX_DEPTH = 100
"""Operators and parentheses: more are not typed by people, and would nest the evaluation as deep."""
_NESTING = {"LPAR", "AND", "OR", "UNLESS", "SIGN", "FACTOR", "POWER", "COMPARE", "COMMA"}


@cache
def grammar() -> Lark:
    text = (Path(__file__).parent / "logql.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", lexer="contextual", transformer=Builder(), maybe_placeholders=True)


def parse(query: str) -> Expression:
    """The query's expression. Raises SyntaxProblemError, which says where and what."""
    if len(query) > MAX_LENGTH:
        raise SyntaxProblemError(f"the query has {len(query)} characters, more than {MAX_LENGTH}")
    if not query.strip():
        raise SyntaxProblemError("syntax error: unexpected $end: the query is empty")
    try:
        return _parsed(query)
    except UnexpectedToken as error:
        raise _unexpected(error) from error
    except UnexpectedCharacters as error:
        raise SyntaxProblemError(f"syntax error: unexpected {error.char!r}", error.line, error.column) from error
    except VisitError as error:
        raise error.orig_exc from error
    except UnexpectedInput as error:
        raise SyntaxProblemError(f"syntax error: {error}") from error


def _parsed(query: str) -> Expression:
    parser = grammar().parse_interactive(query)
    depth = 0
    token = None
    for token in parser.iter_parse():
        depth += token.type in _NESTING
        if depth > MAX_DEPTH:
            raise SyntaxProblemError(
                f"the query has more than {MAX_DEPTH} operators, commas and parentheses",
                token.line or 1,
                token.column or 1,
            )
    expression: Expression = parser.feed_eof(token)  # type: ignore[no-untyped-call]
    return expression


def _unexpected(error: UnexpectedToken) -> SyntaxProblemError:
    token = error.token
    if isinstance(token, Token) and token.type == "$END":
        return SyntaxProblemError(f"syntax error: unexpected $end, expecting {_names(error)}", *_end(token))
    return SyntaxProblemError(
        f"syntax error: unexpected {str(token)!r}, expecting {_names(error)}", error.line, error.column
    )


def _end(token: Token) -> tuple[int, int]:
    return max(token.end_line or token.line or 1, 1), max(token.end_column or token.column or 1, 1)


_NAMES = {
    "EQ": "=", "NE": "!=", "RE": "=~", "NR": "!~", "LPAR": "(", "RPAR": ")", "LBRACE": "{", "RBRACE": "}", "COMMA": ",",
    "VBAR": "|", "LINE_OPERATOR": "|= |~", "RANGE": "a range such as [5m]", "STRING": "a string",
    "IDENTIFIER": "a name", "NUMBER": "a number", "DURATION": "a duration", "SIZE": "a size", "$END": "the end",
    "RANGE_FUNCTION": "a function such as rate(", "VECTOR_FUNCTION": "an aggregation such as sum(",
}  # fmt: skip


def _names(error: UnexpectedToken) -> str:
    names = sorted({_NAMES.get(name, name.lower()) for name in error.accepts or error.expected})
    return " or ".join(names[:8]) + (" or others" if len(names) > 8 else "")
