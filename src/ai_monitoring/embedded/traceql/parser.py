"""From a query's text to its tree."""

from functools import cache
from pathlib import Path
from typing import Any

from lark import Lark, Token
from lark.exceptions import UnexpectedInput, UnexpectedToken, VisitError
from lark.lexer import Lexer

from ai_monitoring.embedded.traceql import lexer
from ai_monitoring.embedded.traceql.builder import Builder
from ai_monitoring.embedded.traceql.errors import TraceQLError
from ai_monitoring.embedded.traceql.syntax import Query

_GRAMMAR = Path(__file__).with_name("grammar.lark")


class _Tokens(Lexer):
    def __init__(self, _: Any) -> None:
        pass

    def lex(self, text: str) -> Any:  # type: ignore[override]  # Lark hands a lexer of this kind the text itself
        return lexer.tokens(text)


def parse(query: str) -> Query:
    """The query's tree. Raises TraceQLError, and nothing else, for what is no TraceQL or not supported."""
    builder = Builder()
    try:
        pipeline = builder.transform(_parser().parse(query))
    except VisitError as error:
        if isinstance(error.orig_exc, TraceQLError):
            raise error.orig_exc from None
        raise
    except UnexpectedInput as error:
        raise _explained(error, query) from None
    return Query(pipeline, tuple(dict.fromkeys(builder.references)))


@cache
def _parser() -> Lark:
    return Lark(_GRAMMAR.read_text(encoding="utf-8"), parser="lalr", lexer=_Tokens, maybe_placeholders=True)


def _explained(error: UnexpectedInput, query: str) -> TraceQLError:
    token = error.token if isinstance(error, UnexpectedToken) else Token("$END", "")
    if token.type == "$END":
        line, column = query.count("\n") + 1, len(query) - query.rfind("\n")
        return TraceQLError("syntax error: unexpected end of the query", line, column)
    if token.type == "IDENTIFIER":
        hint = f"; an attribute has a dot before it: .{token}, span.{token} or resource.{token}"
        return TraceQLError(f"unknown identifier: {token}{hint}", token.line or 1, token.column or 1)
    return TraceQLError(f"syntax error: unexpected {token}", token.line or 1, token.column or 1)
