"""Which attributes spans have, and which values these take: what an editor proposes."""

from collections.abc import Iterable, Iterator
from typing import Any

from ai_monitoring.embedded.store.reader import Reader
from ai_monitoring.embedded.store.records import Span
from ai_monitoring.embedded.traceql import fields
from ai_monitoring.embedded.traceql.candidates import candidates
from ai_monitoring.embedded.traceql.errors import TraceQLError
from ai_monitoring.embedded.traceql.expressions import holds
from ai_monitoring.embedded.traceql.lexer import INTRINSICS, tokens
from ai_monitoring.embedded.traceql.literals import attribute_name
from ai_monitoring.embedded.traceql.parser import parse
from ai_monitoring.embedded.traceql.syntax import Attribute, Filter, Intrinsic, Reference
from ai_monitoring.embedded.traceql.trace import Trace
from ai_monitoring.embedded.traceql.values import Kind, Status, Value

MAX_SPANS = 20_000
"""The newest spans of the range are looked through."""
MAX_VALUES = 1000
SCOPES = ("span", "resource", "event", "link")
_TYPES: list[tuple[type, str]] = [(bool, "bool"), (int, "int"), (float, "float"), (str, "string")]


def intrinsics() -> list[str]:
    """The names that a query may use without a scope, as far as an editor should propose them."""
    return sorted(set(INTRINSICS) - {"childCount", "span:childCount"})


def names(reader: Reader, begin: int, end: int) -> dict[str, list[str]]:
    """The attributes' names by their scope."""
    found: dict[str, set[str]] = {scope: set() for scope in SCOPES}
    for span in recent(reader, begin, end):
        found["span"].update(span.attributes)
        found["resource"].update(span.resource)
        for scope, parts in (("event", span.events), ("link", span.links)):
            for part in parts:
                found[scope].update(part["attributes"])
    return {scope: sorted(keys) for scope, keys in found.items() if keys}


def values(reader: Reader, field: Reference, begin: int, end: int, query: str = "") -> list[tuple[str, str]]:
    """Each value of the field with its type, as text; of the spans that a `{ … }` finds, if `query` is one."""
    if field == Intrinsic("status"):
        return [("keyword", str(status)) for status in Status]
    if field == Intrinsic("kind"):
        return [("keyword", str(kind)) for kind in Kind]
    if isinstance(field, Intrinsic) and field.name in {"duration", "traceDuration"}:
        return []
    found: dict[tuple[str, str], None] = {}
    for span in _filtered(reader, begin, end, query):
        found.update(dict.fromkeys(_texts(fields.value(field, span, Trace([span])))))
        if len(found) >= MAX_VALUES:
            break
    return list(found)


def reference(text: str) -> Reference:
    """The field that a name stands for, as `.http.route` or `span:name`. Raises TraceQLError."""
    found = list(tokens(text))
    if len(found) == 1 and found[0].type == "INTRINSIC":
        return Intrinsic(INTRINSICS[found[0]])
    if len(found) == 1 and found[0].type == "ATTRIBUTE":
        scope, _, name = text.partition(".")
        return Attribute(scope, attribute_name(name))
    raise TraceQLError(f"unknown identifier: {text[:80]}; an attribute has its scope or a dot before it")


def recent(reader: Reader, begin: int, end: int) -> Iterator[Span]:
    return reader.spans("begin BETWEEN ? AND ?", (begin, end), MAX_SPANS)


def _filtered(reader: Reader, begin: int, end: int, query: str) -> Iterable[Span]:
    """What an editor sends while its user types may be half a query: then every span counts."""
    try:
        (stage,) = parse(query).pipeline.stages if query else ()
    except (TraceQLError, ValueError):
        return recent(reader, begin, end)
    if not isinstance(stage, Filter):
        return recent(reader, begin, end)
    where = candidates(parse(query).pipeline)
    spans = reader.spans(f"begin BETWEEN ? AND ? AND {where.sql}", (begin, end, *where.values), MAX_SPANS)
    return (span for span in spans if holds(stage.condition, span, Trace([span])))


def _texts(value: Value) -> list[tuple[str, str]]:
    items: list[Any] = value if isinstance(value, list) else [value]
    return [(_type(item), _text(item)) for item in items if item not in (None, "")]


def _type(value: Value) -> str:
    return next((name for kind, name in _TYPES if isinstance(value, kind)), "string")


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
