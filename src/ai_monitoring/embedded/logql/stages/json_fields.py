"""`| json`: the fields of a JSON object become labels, those of nested objects under joined names."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ai_monitoring.embedded.logql.stages.names import sanitized
from ai_monitoring.embedded.logql.stages.stage import EXTRACTED, Entry

ERROR = "JSONParserErr"
_NOT_AN_OBJECT = "Value looks like object, but can't find closing '}' symbol"
_STEP = re.compile(r"""\.?([A-Za-z_][A-Za-z0-9_]*)|\[\s*"((?:[^"\\]|\\.)*)"\s*\]|\[\s*(\d+)\s*\]""")
_PACKED_LINE = "_entry"
Path = tuple[str | int, ...]


class _Number(str):
    """A number as the line writes it."""


def decoded(line: str) -> Any:
    """The line's JSON with numbers as they are written. Raises ValueError."""
    try:
        return json.loads(line, parse_int=_Number, parse_float=_Number, strict=False)
    except RecursionError as error:
        raise ValueError("the line is nested too deeply") from error


def _object(line: str) -> dict[str, Any]:
    """The fields of a line that is a JSON object. Raises ValueError for any other."""
    fields = decoded(line)
    if not isinstance(fields, dict):
        raise ValueError("not an object")
    return fields


class JsonParser:
    """Lists are left out, as is null."""

    def process(self, entry: Entry) -> bool:
        if entry.hints.satisfied(entry.parsed):
            return True
        try:
            fields = _object(entry.line)
        except ValueError:
            entry.fail(ERROR, _NOT_AN_OBJECT)
            return True
        _extract(entry, fields, "")
        return True

    def needs(self) -> Iterable[str]:
        return ()


def _extract(entry: Entry, fields: dict[str, Any], prefix: str) -> None:
    for key, value in fields.items():
        name = f"{prefix}_{sanitized_part(key)}" if prefix and key.strip() else prefix or sanitized(key)
        if isinstance(value, dict):
            if entry.hints.wants_below(name):
                _extract(entry, value, name)
        elif value is not None and not isinstance(value, list) and name:
            entry.extract(name, _scalar(value))


def sanitized_part(key: str) -> str:
    """A nested key: it may begin with a digit."""
    return sanitized("_" + key.strip())[1:]


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def json_path(text: str) -> Path:
    """The steps of an expression such as `request.headers["User-Agent"][0]`. Raises ValueError."""
    steps: list[str | int] = []
    position = 0
    while position < len(text):
        found = _STEP.match(text, position)
        if not found or (position == 0 and text[0] == "."):
            raise ValueError(f"cannot parse expression [{text}]: syntax error at character {position + 1}")
        field, key, index = found.groups()
        steps.append(field or (json.loads(f'"{key}"') if key is not None else int(index)))
        position = found.end()
    if not steps:
        raise ValueError("cannot parse expression []: it is empty")
    return tuple(steps)


@dataclass(frozen=True)
class JsonExpressions:
    """`| json label="path", …`: what lies at each path becomes a label, empty where nothing does."""

    paths: tuple[tuple[str, Path], ...]

    def process(self, entry: Entry) -> bool:
        if not entry.line or entry.hints.satisfied(entry.parsed):
            return True
        try:
            content = decoded(entry.line)
        except ValueError:
            entry.fail(ERROR)
            content = None
        if entry.line[0] not in '"{[':
            return True
        for name, path in self.paths:
            found = _at(content, path)
            if found is not None:
                entry.set(entry.free(name), _text(found))
            elif entry.get(name) is None:
                entry.set(name, "")
        return True

    def needs(self) -> Iterable[str]:
        return ()


def _at(content: Any, path: Path) -> Any:
    for step in path:
        if isinstance(step, int):
            content = content[step] if isinstance(content, list) and step < len(content) else None
        else:
            content = content.get(step) if isinstance(content, dict) else None
    return content


def _text(value: Any) -> str:
    if isinstance(value, dict | list):
        return json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"))
    return _scalar(value)


def _plain(value: Any) -> Any:
    if isinstance(value, _Number):
        return json.loads(value)
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, list) else value


class UnpackParser:
    """`| unpack`: undoes what an agent's `pack` did; `_entry` becomes the line, the other fields labels."""

    def process(self, entry: Entry) -> bool:
        if not entry.line or entry.hints.satisfied(entry.parsed):
            return True
        try:
            fields = _object(entry.line)
        except ValueError:
            entry.fail(ERROR, "expecting json object(6), but it is not")
            return True
        texts = {key: text for key, text in fields.items() if isinstance(text, str) and not isinstance(text, _Number)}
        if (line := texts.pop(_PACKED_LINE, None)) is not None:  # else nobody has packed it
            entry.line = line
            for key, text in texts.items():
                entry.set(key + EXTRACTED if key in entry.stream else key, text)
        return True

    def needs(self) -> Iterable[str]:
        return ()
