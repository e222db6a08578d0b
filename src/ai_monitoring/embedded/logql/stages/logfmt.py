"""`| logfmt`: `key=value key="quoted value"` becomes labels."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ai_monitoring.embedded.logql.stages.names import sanitized
from ai_monitoring.embedded.logql.stages.stage import Entry

ERROR = "LogfmtParserErr"
_KEY = re.compile(r'[^\x00-\x20="]*')
_VALUE = re.compile(r'[^\x00-\x20="]*')
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_BLANK = re.compile(r"[\x00-\x20]*")
_REST = re.compile(r"[^\x00-\x20]*")


class _WordError(ValueError):
    """A word that is not logfmt; `end` is where the next one begins."""

    def __init__(self, message: str, position: int, end: int) -> None:
        super().__init__(f"logfmt syntax error at pos {position + 1} : {message}")
        self.end = end


def pairs(line: str, *, strict: bool = False) -> Iterator[tuple[str, str]]:
    """Keys with their values, empty where there is none. What is not logfmt is left out or, `strict`, a ValueError."""
    position = _BLANK.match(line).end()  # type: ignore[union-attr]
    while position < len(line):
        try:
            key, value, position = _pair(line, position)
            yield key, value
        except _WordError as error:
            if strict:
                raise
            position = error.end
        position = _BLANK.match(line, position).end()  # type: ignore[union-attr]


def _pair(line: str, begin: int) -> tuple[str, str, int]:
    found = _KEY.match(line, begin)
    position = found.end()  # type: ignore[union-attr]
    key = line[begin:position]
    if position == len(line) or line[position] <= " ":
        return key, "", position
    if line[position] == '"' or not key:
        raise _unexpected(line, position)
    position += 1
    if line.startswith('"', position):
        return key, *_quoted(line, position)
    value = _VALUE.match(line, position)
    end = value.end()  # type: ignore[union-attr]
    if end < len(line) and line[end] > " ":
        raise _unexpected(line, end)
    return key, line[position:end], end


def _unexpected(line: str, position: int) -> _WordError:
    end = _REST.match(line, position).end()  # type: ignore[union-attr]
    return _WordError(f"unexpected '{line[position]}'", position, end)


def _quoted(line: str, begin: int) -> tuple[str, int]:
    found = _QUOTED.match(line, begin)
    if not found:
        raise _WordError("unterminated quoted value", len(line), len(line))
    if "\\" not in found[1]:
        return found[1], found.end()
    try:
        return str(json.loads(found[0], strict=False)), found.end()
    except ValueError as error:
        raise _WordError("invalid quoted value", found.end(), found.end()) from error


@dataclass(frozen=True)
class LogfmtParser:
    """All fields, those without a value only if `keep_empty`. `strict` marks a line that is not logfmt as an error."""

    strict: bool = False
    keep_empty: bool = False

    def process(self, entry: Entry) -> bool:
        if entry.hints.satisfied(entry.parsed):
            return True
        try:
            for key, value in pairs(entry.line, strict=self.strict):
                if (value or self.keep_empty) and (name := sanitized(key)):
                    entry.extract(name, value)
                    if entry.hints.satisfied(entry.parsed):
                        break
        except ValueError as error:
            entry.fail(ERROR, str(error))
        return True

    def needs(self) -> Iterable[str]:
        return ()


@dataclass(frozen=True)
class LogfmtExpressions:
    """`| logfmt label="field", …`: only these fields, under these names; empty where the line lacks one."""

    fields: tuple[tuple[str, str], ...]
    strict: bool = False

    def process(self, entry: Entry) -> bool:
        if entry.hints.satisfied(entry.parsed):
            return True
        for name, _ in self.fields:
            if entry.free(name) == name:
                entry.set(name, "")
        try:
            for key, value in pairs(entry.line, strict=self.strict):
                self._take(entry, sanitized(key), value)
        except ValueError as error:
            entry.fail(ERROR, str(error))
        return True

    def _take(self, entry: Entry, key: str, value: str) -> None:
        for name, field in self.fields:
            if field == key:
                entry.set(entry.free(name), value)
                return

    def needs(self) -> Iterable[str]:
        return ()
