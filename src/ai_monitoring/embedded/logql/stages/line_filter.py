"""Line filters: `|=`, `!=`, `|~`, `!~`, and the patterns of `|>` and `!>`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from ai_monitoring.embedded.logql.matching import compiled
from ai_monitoring.embedded.logql.stages.pattern import Pattern
from ai_monitoring.embedded.logql.stages.stage import Entry

Test = Callable[[str], bool]


@dataclass(frozen=True)
class LineFilter:
    """A line stays if one of `values` is found, or none of them where the operator says `!`.

    Raises ValueError for a regular expression or a pattern that is none.
    """

    operator: str
    values: tuple[str, ...]
    _tests: tuple[Test, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_tests", tuple(_test(self.operator, value) for value in self.values))

    @property
    def negative(self) -> bool:
        return self.operator.startswith("!")

    def process(self, entry: Entry) -> bool:
        return any(test(entry.line) for test in self._tests) != self.negative

    def needs(self) -> Iterable[str]:
        return ()


def _test(operator: str, value: str) -> Test:
    match operator[1]:
        case "=":
            return lambda line: value in line
        case "~":
            regex = compiled(value)
            return lambda line: regex.search(line) is not None
        case _:
            return Pattern(value, named=False).test
