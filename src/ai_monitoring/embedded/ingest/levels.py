"""The level of a line, `detected_level`, found as Loki's distributor finds it."""

import json
import re
from collections.abc import Mapping
from typing import Any

_NAMES = (
    *("level", "LEVEL", "Level", "log.level", "severity", "SEVERITY", "Severity", "SeverityText"),
    *("lvl", "LVL", "Lvl", "severity_text", "Severity_Text", "SEVERITY_TEXT"),
)
"""In the order in which they count."""
_JSON_DEPTH = 2
_WORDS = {
    "trace": ("trace", "trc"),
    "debug": ("debug", "dbg"),
    "info": ("info", "inf", "information"),
    "warn": ("warn", "wrn", "warning"),
    "error": ("error", "err"),
    "critical": ("critical",),
    "fatal": ("fatal",),
}
_NORMAL = {word: level for level, words in _WORDS.items() for word in words}
_WORD = re.compile(
    r"""(?<![^ \t\n\[({"'=|])(trace|debug|fatal|critical|error|err|warning|warn|info)(?![^ \t\n\[\](){}:,!"'=|])"""
)
_PAIR = re.compile(
    r'[\x00-\x20]*+([^\x00-\x20="]++)'
    r'(?:="((?:[^"\\]|\\.)*+)"|=([^\x00-\x20="]*+)(?=[\x00-\x20]|\Z)|(?=[\x00-\x20]|\Z))',
    re.DOTALL,
)
_RANKS = {name.lower(): rank for rank, name in reversed(tuple(enumerate(_NAMES)))}
_JSON_NAMES = frozenset(_NAMES)
_SEVERITIES = ("trace", "debug", "info", "warn", "error", "fatal")
"""Of OTLP, four numbers each from 1 on."""


def normal(level: str) -> str:
    """The usual name of a level; one that is not known stays as it is."""
    return _NORMAL.get(level.lower(), level)


def named(fields: Mapping[str, str]) -> str | None:
    """The level that labels or metadata name, None where they name none."""
    for name in _NAMES:
        if name in fields:
            return normal(fields[name])
    return None


def detected(text: str, metadata: Mapping[str, str]) -> str:
    """The level of a line whose labels name none."""
    if metadata:
        if (level := named(metadata)) is not None:
            return level
        if number := metadata.get("severity_number"):
            return _of_severity(number)
    return _of_text(text)


def _of_severity(number: str) -> str:
    try:
        severity = int(number)
    except ValueError:
        return "info"
    if severity == 0 or severity > 24:
        return "unknown"
    return _SEVERITIES[max(severity - 1, 0) // 4]


def _of_text(text: str) -> str:
    level = None
    stripped = text.strip()
    if stripped[:1] == "{" and stripped[-1:] == "}":
        level = _of_json(stripped)
    elif "=" in text:
        level = _of_logfmt(text)
    return _NORMAL.get((level or "").lower()) or _of_words(text)


def _of_words(text: str) -> str:
    """The first word that is a level's."""
    found = _WORD.search(text.lower())
    return _NORMAL[found[1]] if found else "unknown"


def _of_json(text: str) -> str | None:
    try:
        return _of_object(json.loads(text), _JSON_DEPTH)
    except (ValueError, RecursionError):
        return None


def _of_object(content: Any, depth: int) -> str | None:
    for name, value in content.items():
        if isinstance(value, str) and name in _JSON_NAMES:
            return value
        if isinstance(value, dict) and depth > 1 and (level := _of_object(value, depth - 1)) is not None:
            return level
    return None


def _of_logfmt(text: str) -> str | None:
    best, level, position = len(_NAMES), None, 0
    while best and (pair := _PAIR.match(text, position)):
        rank = _RANKS.get(pair[1].lower(), best)
        if rank < best:
            best, level = rank, pair[2] or pair[3] or ""
        position = pair.end()
    return level
