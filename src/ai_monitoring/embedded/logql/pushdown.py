"""What of a pipeline SQLite can decide by itself, so that lines that nobody sees never reach Python."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ai_monitoring.embedded.logql.matching import Matcher
from ai_monitoring.embedded.logql.regex_literals import Like, alternatives, literal_like, required_literal
from ai_monitoring.embedded.logql.stages.formats import LineFormat
from ai_monitoring.embedded.logql.stages.json_fields import UnpackParser
from ai_monitoring.embedded.logql.stages.label_filter import Both, Either, QuantityFilter, TextFilter
from ai_monitoring.embedded.logql.stages.line_filter import LineFilter
from ai_monitoring.embedded.logql.stages.selection import Decolorize
from ai_monitoring.embedded.logql.stages.stage import EXTRACTED, Stage
from ai_monitoring.embedded.store.reader import EVERY, Condition

LEVEL = "detected_level"
NEVER = Condition("0")
_CHANGES_LINE = (LineFormat, UnpackParser, Decolorize)
_FILTERS = (LineFilter, TextFilter, QuantityFilter, Both, Either)
_AS_IN_JSON = re.compile(r"[\w .:/@,=+-]+", re.ASCII)
_LONGEST = 10_000
"""Of a condition, in characters: SQLite refuses expressions a thousand deep, and patterns of 50,000 bytes."""
_COLUMN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


@dataclass(frozen=True)
class Pushed:
    """What SQLite decides, and the stages that are left for Python."""

    condition: Condition
    rest: tuple[Stage, ...]


def pushed(stages: Iterable[Stage], stream: Mapping[str, str]) -> Pushed:
    """The pipeline over lines of a stream with these labels."""
    condition, rest = EVERY, []
    line_is_stored = labels_are_stored = True
    for stage in stages:
        found: Condition | None = None
        exact = False
        if isinstance(stage, LineFilter) and line_is_stored:
            found, exact = line_condition(stage)
        elif labels_are_stored and isinstance(stage, TextFilter | Both | Either):
            found = label_condition(stage, stream)
            exact = found is not None
        if found is not None and len(condition.sql) + len(found.sql) > _LONGEST:
            found, exact = None, False
        if found is not None and found != EVERY:
            condition = found if condition == EVERY else condition & found
        if not exact:
            rest.append(stage)
        line_is_stored &= not isinstance(stage, _CHANGES_LINE)
        labels_are_stored &= isinstance(stage, _FILTERS)
    return Pushed(condition, tuple(rest))


def column(name: str, stream: Mapping[str, str]) -> str | None:
    """SQL for a label that is not the stream's: level or metadata, empty where there is none. None where SQL cannot."""
    if name in stream or name.startswith("__") or name.endswith(EXTRACTED) or not _COLUMN_NAME.fullmatch(name):
        return None
    if name == LEVEL:
        return "level"
    return f"coalesce(json_extract(metadata, '$.\"{name}\"'), '')"


def line_condition(stage: LineFilter) -> tuple[Condition | None, bool]:
    """SQL for a line filter, and whether it says all that the filter does."""
    found = [_line_test(stage.operator, value) for value in stage.values]
    exact = all(is_exact for _, is_exact in found)
    conditions = [condition for condition, _ in found]
    if any(condition is None for condition in conditions) or (stage.negative and not exact):
        return None, False
    joined = _any([condition for condition in conditions if condition is not None])
    return (_not(joined) if stage.negative else joined), exact


def _line_test(operator: str, value: str) -> tuple[Condition | None, bool]:
    if not value:
        return (EVERY, True) if operator[1] != ">" else (None, False)
    if operator[1] == "=":
        return _contains(value), True
    if operator[1] == ">":
        return None, False
    if words := alternatives(value):
        return _any([_contains(word) for word in words]), True
    if (like := literal_like(value)) and len(like.pattern) <= _LONGEST:
        return _like(like), like.exact
    literal = required_literal(value)
    return (_contains(literal), False) if literal else (None, False)


def _like(like: Like) -> Condition:
    if like.pattern == "%%":
        return EVERY
    condition = Condition("text LIKE ? ESCAPE '\\'", (like.pattern,))
    return condition if like.exact else _any([condition, Condition("text GLOB '*[\u017f\u212a]*'")])


def _contains(text: str) -> Condition:
    return Condition("instr(text, ?) > 0", (text,)) if text else EVERY


def label_condition(stage: Stage, stream: Mapping[str, str]) -> Condition | None:
    """SQL for a label filter over what is stored, None where SQL cannot say it."""
    if isinstance(stage, TextFilter):
        return _text_condition(stage.matcher, stream)
    if not isinstance(stage, Both | Either):
        return None
    left, right = label_condition(stage.left, stream), label_condition(stage.right, stream)
    if left is None or right is None:
        return None
    return left & right if isinstance(stage, Both) else _any([left, right])


def _text_condition(matcher: Matcher, stream: Mapping[str, str]) -> Condition | None:
    if matcher.name in stream:
        return EVERY if matcher.matches(stream[matcher.name]) else NEVER
    sql = column(matcher.name, stream)
    words = [matcher.value] if matcher.operator in ("=", "!=") else alternatives(matcher.value)
    if sql is None:
        return None
    if words:
        condition = _one_of(sql, words)
    elif matcher.value == ".*":
        condition = EVERY
    elif matcher.value == ".+":
        condition = Condition(f"{sql} <> ''")
    else:
        return None
    return _not(condition) if matcher.operator.startswith("!") else condition


def _one_of(sql: str, words: list[str]) -> Condition:
    condition = Condition(f"{sql} IN ({', '.join('?' * len(words))})", tuple(words))
    if sql == "level" or not all(_AS_IN_JSON.fullmatch(word) for word in words):
        return condition
    # To look for text in the metadata is many times faster than to read it as JSON.
    return _any([Condition("instr(metadata, ?) > 0", (word,)) for word in words]) & condition


def _any(conditions: list[Condition]) -> Condition:
    if EVERY in conditions:
        return EVERY
    sql = " OR ".join(f"({condition.sql})" for condition in conditions)
    return Condition(f"({sql})", tuple(value for condition in conditions for value in condition.values))


def _not(condition: Condition) -> Condition:
    return NEVER if condition == EVERY else Condition(f"NOT ({condition.sql})", condition.values)
