"""Lines counted by SQLite, where it can decide all that a query asks: no line reaches Python.

The edges of all windows cut time into pieces; what a piece holds is asked once, and a window is a run of pieces.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from ai_monitoring.embedded.logql.bounds import MAX_SERIES, SeriesBounds
from ai_monitoring.embedded.logql.expressions import Grouping, RangeAggregation
from ai_monitoring.embedded.logql.pipeline import selected
from ai_monitoring.embedded.logql.pushdown import LEVEL, NEVER, column, pushed
from ai_monitoring.embedded.logql.stages.stage import Entry
from ai_monitoring.embedded.logql.table import Steps, Table, Values, grouped, labels_of
from ai_monitoring.embedded.store.database import unpack
from ai_monitoring.embedded.store.reader import Condition, Reader
from ai_monitoring.embedded.store.records import Labels

MAX_PIECES = 4_000
"""Of all streams together; beyond, reading every line once is faster."""
OPERATIONS = ("count_over_time", "rate", "bytes_over_time", "bytes_rate")
_MEASURES = ("count(*)", "sum(length(CAST(text AS BLOB)))")
Pieces = dict[Labels, dict[int, tuple[int, int]]]
"""For each series the lines and bytes of each piece."""


def counted(
    reader: Reader, aggregation: RangeAggregation, steps: Steps, grouping: Grouping | None, *, whole: bool
) -> Table | None:
    """The aggregation's series, grouped by `grouping` or, `whole`, all in one. None where SQLite cannot decide."""
    if aggregation.operation not in OPERATIONS or aggregation.unwrap:
        return None
    streams = selected(reader, aggregation.query.matchers)
    edges = _edges(aggregation, steps)
    plans = {number: pushed(aggregation.query.stages, labels) for number, labels in streams.items()}
    if len(edges) * len(streams) > MAX_PIECES or any(plan.rest for plan in plans.values()):
        return None
    found: Pieces = {}
    bounds = SeriesBounds(len(steps.moments))
    for number, labels in streams.items():
        where = plans[number].condition
        if where != NEVER and reader.has_lines(number, edges[0] + 1, edges[-1] + 1):
            counter = _Counter(reader, number, labels, grouping, whole)
            counter.count(edges, where, found, bounds)
    return _table(found, aggregation, steps, edges)


def _edges(aggregation: RangeAggregation, steps: Steps) -> list[int]:
    moments = [moment - aggregation.offset for moment in steps.moments]
    return sorted({*moments, *(moment - aggregation.range for moment in moments)})


class _Counter:
    """Counts a stream's lines by the labels that the answer needs."""

    def __init__(
        self, reader: Reader, number: int, labels: Mapping[str, str], grouping: Grouping | None, whole: bool
    ) -> None:
        self._reader, self._number, self._labels, self._grouping = reader, number, labels, grouping
        self._names: Sequence[str] = ()
        self._keys: Sequence[str] = ()
        self._stream: Labels = ()
        self._all = False
        if whole:
            return
        names = [name for name in grouping.labels if name not in labels] if grouping and not grouping.without else None
        columns = [column(name, labels) for name in names or ()]
        if names is None or None in columns:
            self._all, self._keys = True, ("level", "metadata")
        else:
            self._names, self._keys = names, [str(sql) for sql in columns]
        self._stream = grouped(labels_of(labels), grouping)

    def count(self, edges: Sequence[int], where: Condition, found: Pieces, bounds: SeriesBounds) -> None:
        """Add each piece's lines and bytes to `found`. Raises LimitError."""
        known: dict[tuple[Any, ...], Labels] = {}
        for piece, (begin, end) in enumerate(pairwise(edges)):
            rows = self._reader.grouped(self._number, begin, end, _MEASURES, self._keys, where)
            for *keys, count, size in rows:
                labels = self._known(tuple(keys), known)
                if labels not in found:
                    bounds.add_series(labels)
                    found[labels] = {}
                lines, total = found[labels].get(piece, (0, 0))
                found[labels][piece] = (lines + count, total + size)

    def _known(self, key: tuple[Any, ...], known: dict[tuple[Any, ...], Labels]) -> Labels:
        if key not in known:
            if len(known) == MAX_SERIES:
                known.clear()
            known[key] = self._series(key)
        return known[key]

    def _series(self, key: tuple[Any, ...]) -> Labels:
        if not self._all:
            return tuple(sorted((*self._stream, *labels_of(dict(zip(self._names, key, strict=True))))))
        level, metadata = key
        stored = {**dict(unpack(metadata) if metadata else ()), LEVEL: level}
        labels = labels_of(Entry(0, "", self._labels, stored).labels())
        return grouped(labels, self._grouping) if self._grouping else labels


def _table(found: Pieces, aggregation: RangeAggregation, steps: Steps, edges: Sequence[int]) -> Table:
    place = {edge: index for index, edge in enumerate(edges)}
    spans = [
        (place[moment - aggregation.offset - aggregation.range], place[moment - aggregation.offset])
        for moment in steps.moments
    ]
    divisor = aggregation.range / 1e9 if aggregation.operation in ("rate", "bytes_rate") else 1.0
    which = 1 if aggregation.operation.startswith("bytes") else 0
    table = {labels: _values(pieces, spans, len(edges), which, divisor) for labels, pieces in found.items()}
    return {labels: values for labels, values in table.items() if any(value is not None for value in values)}


def _values(
    pieces: Mapping[int, tuple[int, int]], spans: Sequence[tuple[int, int]], count: int, which: int, divisor: float
) -> Values:
    lines, measure = [0], [0]
    for piece in range(count - 1):
        found = pieces.get(piece, (0, 0))
        lines.append(lines[-1] + found[0])
        measure.append(measure[-1] + found[which])
    return [(measure[last] - measure[first]) / divisor if lines[last] > lines[first] else None for first, last in spans]
