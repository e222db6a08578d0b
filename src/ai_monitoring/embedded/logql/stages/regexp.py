"""`| regexp "…"`: each named group of a regular expression becomes a label."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ai_monitoring.embedded.logql.matching import compiled
from ai_monitoring.embedded.logql.stages.stage import Entry


@dataclass(frozen=True)
class RegexpParser:
    """Raises ValueError for an expression that is none, or has no named group."""

    pattern: str
    _regex: Any = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        regex = compiled(self.pattern)
        if not regex.groupindex:
            raise ValueError("at least one named capture must be supplied")
        object.__setattr__(self, "_regex", regex)

    def process(self, entry: Entry) -> bool:
        if found := self._regex.search(entry.line):
            for name, value in found.groupdict().items():
                entry.extract(name, value or "")
        return True

    def needs(self) -> Iterable[str]:
        return ()
