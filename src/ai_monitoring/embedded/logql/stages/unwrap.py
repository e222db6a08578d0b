"""`unwrap`: a label's value becomes the sample."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ai_monitoring.embedded.logql import units
from ai_monitoring.embedded.logql.stages.stage import Entry, Stage

_CONVERSIONS: dict[str, Callable[[str], float]] = {
    "": units.number,
    "duration": lambda text: units.go_duration(text) / 1e9,
    "duration_seconds": lambda text: units.go_duration(text) / 1e9,
    "bytes": units.size,
}


@dataclass(frozen=True)
class Unwrap:
    """`unwrap conversion(label)`, and the label filters after it, which may take out what could not be converted."""

    label: str
    conversion: str = ""
    filters: tuple[Stage, ...] = ()

    def sample(self, entry: Entry) -> float | None:
        """The value, or None where the line gives none. What cannot be converted is an error of the entry."""
        text = entry.get(self.label)
        if not text:
            return None
        value = 0.0
        try:
            value = float(_CONVERSIONS[self.conversion](text))
        except ValueError as error:
            entry.fail("SampleExtractionErr", str(error))
        return value if all(stage.process(entry) for stage in self.filters) else None

    def needs(self) -> Iterable[str]:
        yield self.label
        for stage in self.filters:
            yield from stage.needs()
