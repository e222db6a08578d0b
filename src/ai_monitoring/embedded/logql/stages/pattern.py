"""Patterns such as `<method> <_> status=<status>`: literal text, and what stands between it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from ai_monitoring.embedded.logql.stages.stage import Entry

_CAPTURE = re.compile(r"(<[A-Za-z_][A-Za-z0-9_]*>)")


@dataclass(frozen=True)
class Pattern:
    """A pattern, for the parser (`named`) or for a line filter. Raises ValueError."""

    text: str
    named: bool = True
    parts: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        parts = tuple(part for part in _CAPTURE.split(self.text) if part)
        object.__setattr__(self, "parts", parts)
        captures = [_name(part) for part in parts if _captures(part)]
        names = [name for name in captures if name != "_"]
        if any(_captures(one) and _captures(other) for one, other in pairwise(parts)):
            raise ValueError("found consecutive capture: syntax error")
        if self.named and not names:
            raise ValueError("at least one capture is required")
        if not self.named and names:
            raise ValueError("named captures are not allowed: use <_>")
        if len(names) != len(set(names)):
            raise ValueError("duplicate capture name: syntax error")

    def captured(self, line: str) -> dict[str, str]:
        """What the named captures hold; up to the end of the line where the text after one is missing."""
        parts = list(self.parts)
        if not line or not parts:
            return {}
        if not _captures(parts[0]):
            if not line.startswith(parts[0]):
                return {}
            line = line[len(parts.pop(0)) :]
        found: dict[str, str] = {}
        for index in range(0, len(parts), 2):
            text, separator, rest = line.partition(parts[index + 1]) if index + 1 < len(parts) else (line, "", "")
            if (name := _name(parts[index])) != "_":
                found[name] = text
            if not separator:
                break
            line = rest
        return found

    def test(self, line: str) -> bool:
        """Whether the whole line has this form. A capture is never empty."""
        if not line or not self.parts:
            return not line and not self.parts
        position = 0
        for index, part in enumerate(self.parts):
            if _captures(part):
                continue
            place = line.find(part, position)
            if place < 0 or (index > 0 and place == position):
                return False
            position = place + len(part)
        return _captures(self.parts[-1]) == (position != len(line))


@dataclass(frozen=True)
class PatternParser:
    """`| pattern "…"`: each named capture becomes a label."""

    pattern: Pattern

    def process(self, entry: Entry) -> bool:
        if not entry.hints.satisfied(entry.parsed):
            for name, value in self.pattern.captured(entry.line).items():
                entry.extract(name, value)
        return True

    def needs(self) -> Iterable[str]:
        return ()


def _captures(part: str) -> bool:
    return _CAPTURE.fullmatch(part) is not None


def _name(part: str) -> str:
    return part[1:-1]
