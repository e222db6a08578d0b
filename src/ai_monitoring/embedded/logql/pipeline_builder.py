"""Stages from what the grammar finds. Every refusal says where."""

from collections.abc import Callable
from typing import Any, TypeVar

from lark import Token, Transformer

from ai_monitoring.embedded.logql import units
from ai_monitoring.embedded.logql.errors import SyntaxProblemError
from ai_monitoring.embedded.logql.literals import unquoted
from ai_monitoring.embedded.logql.matching import Matcher
from ai_monitoring.embedded.logql.stages.formats import LabelFormat, LineFormat
from ai_monitoring.embedded.logql.stages.json_fields import JsonExpressions, JsonParser, UnpackParser, json_path
from ai_monitoring.embedded.logql.stages.label_filter import Both, Either, QuantityFilter, TextFilter
from ai_monitoring.embedded.logql.stages.line_filter import LineFilter
from ai_monitoring.embedded.logql.stages.logfmt import LogfmtExpressions, LogfmtParser
from ai_monitoring.embedded.logql.stages.pattern import Pattern, PatternParser
from ai_monitoring.embedded.logql.stages.regexp import RegexpParser
from ai_monitoring.embedded.logql.stages.selection import Choice, Decolorize, Drop, Keep
from ai_monitoring.embedded.logql.stages.stage import Stage
from ai_monitoring.embedded.logql.stages.unwrap import Unwrap
from ai_monitoring.embedded.logql.templates import Template

T = TypeVar("T")
Items = list[Any]


def refused(token: Token, message: str) -> SyntaxProblemError:
    return SyntaxProblemError(message, token.line or 1, token.column or 1)


def placed(token: Token, make: Callable[[], T]) -> T:
    """What `make` gives; its ValueError becomes a refusal that says where."""
    try:
        return make()
    except ValueError as error:
        raise refused(token, str(error)) from error


def text(token: Token) -> str:
    return placed(token, lambda: unquoted(str(token)))


class PipelineBuilder(Transformer[Token, Any]):
    """Methods are called by the grammar's rules, from the inside out."""

    def matcher(self, items: Items) -> Matcher:
        name, operator, value = items
        return placed(value, lambda: Matcher(str(name), str(operator), text(value)))

    def selector(self, items: Items) -> tuple[Matcher, ...]:
        return tuple(item for item in items if item is not None)

    def pipeline(self, items: Items) -> tuple[Stage | Unwrap, ...]:
        return tuple(items)

    def ip(self, items: Items) -> None:
        raise refused(
            items[0], "ip() is not supported here: use a regular expression, such as |~ `10\\.0\\.\\d+\\.\\d+`"
        )

    def line_filter(self, items: Items) -> LineFilter:
        values = [item for item in items[1:] if item.type == "STRING"]
        return placed(values[0], lambda: LineFilter(str(items[0]), tuple(text(value) for value in values)))

    def extraction(self, items: Items) -> tuple[str, Token | None, Token]:
        return str(items[0]), items[2], items[0]

    def json(self, items: Items) -> Stage:
        wanted = [item for item in items[1:] if item is not None]
        if not wanted:
            return JsonParser()
        paths = [(name, placed(path or at, lambda: json_path(_field(name, path)))) for name, path, at in wanted]  # noqa: B023
        return JsonExpressions(tuple(paths))

    def logfmt(self, items: Items) -> Stage:
        flags = {str(item) for item in items if isinstance(item, Token)}
        fields = tuple((item[0], _field(item[0], item[1])) for item in items if isinstance(item, tuple))
        if fields:
            return LogfmtExpressions(fields, "--strict" in flags)
        return LogfmtParser("--strict" in flags, "--keep-empty" in flags)

    def regexp(self, items: Items) -> Stage:
        return placed(items[1], lambda: RegexpParser(text(items[1])))

    def pattern(self, items: Items) -> Stage:
        return placed(items[1], lambda: PatternParser(Pattern(text(items[1]))))

    def unpack(self, _: Items) -> Stage:
        return UnpackParser()

    def signed(self, items: Items) -> float:
        return float("".join(items))

    def comparison(self, items: Items) -> Stage:
        name, operator, value = str(items[0]), str(items[1]), items[2]
        if isinstance(value, float):
            return QuantityFilter(name, operator, value, "number")
        if value.type == "STRING":
            return TextFilter(placed(value, lambda: Matcher(name, operator, text(value))))
        read, kind = (units.duration, "duration") if value.type == "DURATION" else (units.size, "bytes")
        return placed(value, lambda: QuantityFilter(name, operator, read(str(value)), kind))

    def label_join(self, items: Items) -> str:
        return "or" if items and items[0].type == "OR" else "and" if items and items[0].type == "AND" else ","

    def label_filter(self, items: Items) -> Stage:
        filters = [item for item in items if not isinstance(item, str)]
        return _joined(filters, [item for item in items if isinstance(item, str)])

    def line_format(self, items: Items) -> Stage:
        return placed(items[1], lambda: LineFormat(Template(text(items[1]))))

    def label_format(self, items: Items) -> tuple[str, str | Template]:
        name, _, source = items
        if source.type == "IDENTIFIER":
            return str(name), str(source)
        return str(name), placed(source, lambda: Template(text(source)))

    def label_formats(self, items: Items) -> Stage:
        return placed(items[0], lambda: LabelFormat(tuple(items[1:])))

    def choice(self, items: Items) -> Choice:
        if len(items) < 3 or items[2] is None:
            return str(items[0])
        return self.matcher(items)

    def drop(self, items: Items) -> Stage:
        return Drop(tuple(items[1:]))

    def keep(self, items: Items) -> Stage:
        return Keep(tuple(items[1:]))

    def decolorize(self, _: Items) -> Stage:
        return Decolorize()

    def unwrap(self, items: Items) -> Unwrap:
        return Unwrap(str(items[-1]), str(items[1]).lower() if len(items) == 3 else "")


def _field(name: str, path: Token | None) -> str:
    return name if path is None else text(path)


def _joined(filters: list[Stage], joins: list[str]) -> Stage:
    """As Loki reads them: `and` before `or`, and after a comma the whole rest is one filter."""
    if "," in joins:
        place = len(joins) - 1 - joins[::-1].index(",")
        rest = _joined(filters[place + 1 :], joins[place + 1 :])
        return _joined([*filters[:place], Both(filters[place], rest)], joins[:place])
    alternatives = [filters[0]]
    for join, part in zip(joins, filters[1:], strict=True):
        if join == "and":
            alternatives[-1] = Both(alternatives[-1], part)
        else:
            alternatives.append(part)
    joined = alternatives[0]
    for alternative in alternatives[1:]:
        joined = Either(joined, alternative)
    return joined
