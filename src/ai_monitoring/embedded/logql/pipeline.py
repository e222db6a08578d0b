"""Lines of streams that a query selects, through its pipeline."""

from collections.abc import Iterator, Mapping, Sequence

from ai_monitoring.embedded.logql.expressions import LogQuery
from ai_monitoring.embedded.logql.matching import Matcher
from ai_monitoring.embedded.logql.pushdown import LEVEL, NEVER, pushed
from ai_monitoring.embedded.logql.stages.stage import EVERYTHING, Entry, Hints
from ai_monitoring.embedded.store.reader import Reader, Row


def selected(reader: Reader, matchers: Sequence[Matcher]) -> dict[int, dict[str, str]]:
    """The streams whose labels all matchers accept, by their number."""
    streams = {number: dict(labels) for number, labels in reader.streams().items()}
    return {
        number: labels
        for number, labels in streams.items()
        if all(matcher.matches(labels.get(matcher.name, "")) for matcher in matchers)
    }


def entries(
    reader: Reader,
    query: LogQuery,
    stream: tuple[int, Mapping[str, str]],
    begin: int,
    end: int,
    *,
    backward: bool = False,
    hints: Hints = EVERYTHING,
) -> Iterator[Entry]:
    """What the pipeline leaves of a stream's lines in [begin, end), read as they are asked for."""
    number, labels = stream
    plan = pushed(query.stages, labels)
    if plan.condition == NEVER:
        return
    for row in reader.lines(number, begin, end, where=plan.condition, backward=backward):
        entry = Entry(row.time, row.text, labels, stored_labels(row), hints)
        if all(stage.process(entry) for stage in plan.rest):
            yield entry


def stored_labels(row: Row) -> dict[str, str]:
    """A line's metadata with its level, as Loki lists them."""
    return {**row.metadata, LEVEL: row.level} if row.level else row.metadata
