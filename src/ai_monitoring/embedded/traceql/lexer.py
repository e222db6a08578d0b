"""Cuts a query into tokens: words decide what they are by where they stand, which Lark's own lexers cannot say."""

import re
from collections.abc import Iterator

from lark import Token

from ai_monitoring.embedded.traceql.errors import TraceQLError

MAX_LENGTH = 16_384
"""Characters of a query."""
MAX_DEPTH = 20
"""Brackets inside brackets; what walks over a query calls itself no deeper than this allows."""

INTRINSICS = {
    "duration": "duration",
    "name": "name",
    "status": "status",
    "statusMessage": "statusMessage",
    "kind": "kind",
    "childCount": "span:childCount",
    "rootName": "rootName",
    "rootServiceName": "rootServiceName",
    "traceDuration": "traceDuration",
    "span:duration": "duration",
    "span:name": "name",
    "span:status": "status",
    "span:statusMessage": "statusMessage",
    "span:kind": "kind",
    "span:childCount": "span:childCount",
    "span:id": "span:id",
    "span:parentID": "span:parentID",
    "trace:id": "trace:id",
    "trace:rootName": "rootName",
    "trace:rootService": "rootServiceName",
    "trace:duration": "traceDuration",
    "event:name": "event:name",
    "event:timeSinceStart": "event:timeSinceStart",
    "link:traceID": "link:traceID",
    "link:spanID": "link:spanID",
    "instrumentation:name": "instrumentation:name",
    "nestedSetParent": "nestedSetParent",
}
"""What a query may call a field that every span has, and the one name that it has here."""
_WORDS = ("true", "false", "ok", "error", "unset")
_KINDS = ("unspecified", "internal", "server", "client", "producer", "consumer")
_FUNCTIONS = ("by", "coalesce", "select", "with")
_REFUSED = {
    "nestedSetLeft": "",
    "nestedSetRight": "",
    "parent": "; ask for a span under another with { … } > { … }",
    "instrumentation:version": "",
    "topk": "",
    "bottomk": "",
    "compare": "",
    "rate": "",
    **dict.fromkeys(
        (f"{name}_over_time" for name in ("count", "min", "max", "avg", "sum", "quantile", "histogram")), ""
    ),
}
_METRICS = "; metrics of traces need Grafana Tempo"

_UNIT = "(?:ns|us|µs|ms|s|m|h|d|w|y)"
_TOKEN = re.compile(
    rf"""(?P<SPACE>\s+|//[^\n]*|/\*.*?\*/)
    |(?P<STRING>"(?:[^"\\\n]|\\.)*"|`[^`]*`)
    |(?P<DURATION>(?:[0-9]+(?:\.[0-9]+)?{_UNIT})+)
    |(?P<FLOAT>[0-9]+(?:\.[0-9]*(?:[eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+))
    |(?P<INTEGER>[0-9]+)
    |(?P<ATTRIBUTE>(?:[A-Za-z]+)?\.(?:"(?:[^"\\]|\\["\\])*"|[^\s{{}}()=~!<>&|^,"])+)
    |(?P<NAME>(?:span|trace|event|link|instrumentation):[A-Za-z]+|[A-Za-z_]\w*)
    |(?P<STRUCTURAL>!>>|!<<|!>|!<|&>>|&<<|&>|&<|&~|>>|<<|~)
    |(?P<LOGICAL>&&|\|\|)
    |(?P<REGEX>=~|!~)
    |(?P<COMPARISON><=|>=|!=|=|<|>)
    |(?P<SIGN>[-+*/%^!|{{}}(),])""",
    re.VERBOSE | re.DOTALL,
)
_SIGNS = {
    "+": "PLUS",
    "-": "MINUS",
    "*": "TIMES",
    "/": "OVER",
    "%": "MODULO",
    "^": "POWER",
    "!": "NOT",
    "|": "VBAR",
    "{": "LBRACE",
    "}": "RBRACE",
    "(": "LPAR",
    ")": "RPAR",
    ",": "COMMA",
}


def tokens(query: str) -> Iterator[Token]:
    """The tokens, each with its line and column. Raises TraceQLError where there is none, or for a refused word."""
    if len(query) > MAX_LENGTH:
        raise TraceQLError(f"the query has {len(query)} characters, of at most {MAX_LENGTH}")
    position = depth = 0
    while position < len(query):
        found = _TOKEN.match(query, position)
        line, column = _place(query, position)
        if found is None or not (kind := found.lastgroup):
            raise TraceQLError(f"unexpected {query[position]!r}", line, column)
        position = found.end()
        depth += {"{": 1, "(": 1, "}": -1, ")": -1}.get(found.group(), 0)
        if depth > MAX_DEPTH:
            raise TraceQLError(f"brackets are nested more than {MAX_DEPTH} deep", line, column)
        if kind != "SPACE":
            text = found.group()
            yield Token(_kind(kind, text, line, column), text, line=line, column=column)


def _place(query: str, position: int) -> tuple[int, int]:
    return query.count("\n", 0, position) + 1, position - query.rfind("\n", 0, position)


def _kind(kind: str, text: str, line: int, column: int) -> str:
    if kind == "SIGN":
        return _SIGNS[text]
    if kind == "ATTRIBUTE":
        _check_scope(text.partition(".")[0], line, column)
    return _word(text, line, column) if kind == "NAME" else kind


def _check_scope(scope: str, line: int, column: int) -> None:
    if scope in {"parent", "instrumentation"}:
        raise TraceQLError(f"{scope}. is not supported{_REFUSED.get(scope, '')}", line, column)
    if scope not in {"", "span", "resource", "event", "link"}:
        raise TraceQLError(f"unknown scope {scope}: there are span, resource, event and link", line, column)


def _word(text: str, line: int, column: int) -> str:
    if text in _REFUSED:
        why = _METRICS if text in {"rate", "compare", "topk", "bottomk"} or text.endswith("_over_time") else ""
        raise TraceQLError(f"{text} is not supported{why or _REFUSED[text]}", line, column)
    if text in _FUNCTIONS:
        return text.upper()
    if text in {"count", "avg", "max", "min", "sum"}:
        return "AGGREGATE"
    if text == "nil":
        return "NIL"
    if text in INTRINSICS:
        return "INTRINSIC"
    return "WORD" if text in _WORDS or text in _KINDS else "IDENTIFIER"
