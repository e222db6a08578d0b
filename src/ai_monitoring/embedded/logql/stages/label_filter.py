"""Label filters: `| level="error"`, `| duration > 1.5s`, joined by `and`, `or`, commas and parentheses."""

import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ai_monitoring.embedded.logql import units
from ai_monitoring.embedded.logql.binary import COMPARISONS
from ai_monitoring.embedded.logql.matching import Matcher
from ai_monitoring.embedded.logql.stages.stage import ERROR, Entry, Stage

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    **COMPARISONS,
}
_READERS: dict[str, Callable[[str], float]] = {
    "number": units.number,
    "duration": units.go_duration,
    "bytes": units.size,
}


@dataclass(frozen=True)
class TextFilter:
    """Compares with a string or a regular expression. A label that is not there is empty."""

    matcher: Matcher

    def process(self, entry: Entry) -> bool:
        name = self.matcher.name
        return self.matcher.matches(entry.error if name == ERROR else entry.get(name) or "")

    def needs(self) -> Iterable[str]:
        yield self.matcher.name


@dataclass(frozen=True)
class QuantityFilter:
    """Compares with a number, a duration (nanoseconds) or a size (bytes): `kind` says which.

    A line without the label goes; one whose label is no such quantity stays, marked as an error.
    """

    name: str
    operator: str
    value: float
    kind: str

    def process(self, entry: Entry) -> bool:
        text = entry.get(self.name)
        if text is None:
            return False
        try:
            return _COMPARISONS[self.operator](_READERS[self.kind](text), self.value)
        except ValueError as error:
            if not entry.error:
                entry.fail("LabelFilterErr", str(error))
            return True

    def needs(self) -> Iterable[str]:
        yield self.name


@dataclass(frozen=True)
class Both:
    left: Stage
    right: Stage

    def process(self, entry: Entry) -> bool:
        return self.left.process(entry) and self.right.process(entry)

    def needs(self) -> Iterable[str]:
        return (*self.left.needs(), *self.right.needs())


@dataclass(frozen=True)
class Either:
    left: Stage
    right: Stage

    def process(self, entry: Entry) -> bool:
        return self.left.process(entry) or self.right.process(entry)

    def needs(self) -> Iterable[str]:
        return (*self.left.needs(), *self.right.needs())
