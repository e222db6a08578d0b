"""What data sources answer, in columns: Grafana's frames and fields."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from ai_monitoring.embedded.viewer.log_lines import LogLine

Kind = Literal["time", "number", "string"]
MALFORMED = (AttributeError, IndexError, KeyError, OverflowError, TypeError, ValueError)
"""What reading an answer or a file raises that is not as its makers describe it."""


@dataclass
class Field:
    """A column. Times are milliseconds since 1970; numbers are finite or None.

    `display` is the name that the data source gives it, from its legend; `config` is Grafana's, see `fields`.
    """

    name: str
    kind: Kind
    values: list[Any]
    labels: dict[str, str] = field(default_factory=dict)
    display: str = ""
    config: dict[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What the column is called where it is shown."""
        return str(self.config.get("displayName") or self.display or self.name)


@dataclass
class Frame:
    """Columns of one length, from the query `ref`."""

    ref: str
    fields: list[Field]

    def __len__(self) -> int:
        return len(self.fields[0].values) if self.fields else 0

    def first(self, kind: Kind) -> Field | None:
        return next((each for each in self.fields if each.kind == kind), None)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Each row's values by the columns' names."""
        names = [each.name for each in self.fields]
        for values in zip(*(each.values for each in self.fields), strict=True):
            yield dict(zip(names, values, strict=True))

    def taken(self, rows: Iterable[int]) -> None:
        """Keep these rows, in this order."""
        chosen = list(rows)
        for each in self.fields:
            each.values = [each.values[row] for row in chosen]


@dataclass(frozen=True)
class Exemplar:
    """A measured request beside a series. `time` is milliseconds since 1970."""

    series: str
    time: int
    value: float
    labels: dict[str, str]


@dataclass
class Answer:
    """What one query, or all of a panel, brought. `errors` are (query, what it said)."""

    frames: list[Frame] = field(default_factory=list)
    exemplars: list[Exemplar] = field(default_factory=list)
    lines: list[LogLine] = field(default_factory=list)
    errors: list[tuple[str, str]] = field(default_factory=list)

    def add(self, other: "Answer") -> None:
        self.frames += other.frames
        self.exemplars += other.exemplars
        self.lines += other.lines
        self.errors += other.errors
