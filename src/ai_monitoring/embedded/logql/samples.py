"""Samples that Python takes from lines: each line through the pipeline, counted or unwrapped, into its series."""

from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import merge
from itertools import pairwise
from operator import itemgetter

from ai_monitoring.embedded.logql.bounds import SeriesBounds
from ai_monitoring.embedded.logql.errors import PipelineError
from ai_monitoring.embedded.logql.expressions import Grouping, RangeAggregation
from ai_monitoring.embedded.logql.pipeline import entries, selected
from ai_monitoring.embedded.logql.stages import json_fields, logfmt
from ai_monitoring.embedded.logql.stages.stage import Entry, Hints
from ai_monitoring.embedded.logql.table import Steps, Table, grouped, labels_of
from ai_monitoring.embedded.logql.windows import function
from ai_monitoring.embedded.store.reader import Reader
from ai_monitoring.embedded.store.records import Labels

PARSER_ERRORS = (json_fields.ERROR, logfmt.ERROR)


@dataclass
class _Series:
    times: "array[int]" = field(default_factory=lambda: array("q"))
    values: "array[float]" = field(default_factory=lambda: array("d"))
    _runs: list[int] = field(default_factory=lambda: [0])
    """Where samples begin that are in order: each stream's are."""

    def add(self, time: int, value: float) -> None:
        if self.times and time < self.times[-1]:
            self._runs.append(len(self.times))
        self.times.append(time)
        self.values.append(value)

    def sort(self) -> None:
        """By time, in little memory."""
        if len(self._runs) == 1:
            return
        bounds = pairwise([*self._runs, len(self.times)])
        runs = [zip(self.times[begin:end], self.values[begin:end], strict=True) for begin, end in bounds]
        self.times, self.values, self._runs = array("q"), array("d"), [0]
        for time, value in merge(*runs, key=itemgetter(0)):
            self.times.append(time)
            self.values.append(value)


def sampled(
    reader: Reader, aggregation: RangeAggregation, steps: Steps, grouping: Grouping | None, *, whole: bool
) -> Table:
    """The aggregation's series, grouped by `grouping` or, `whole`, all in one. Raises PipelineError, LimitError."""
    series = _collected(reader, aggregation, steps, _Labelling(aggregation, grouping, whole))
    seconds = aggregation.range / 1e9
    apply = function(aggregation.operation, aggregation.parameter)
    table: Table = {}
    for labels, samples in series.items():
        samples.sort()
        table[labels] = []
        for moment in steps.moments:
            reader.check_time()
            end = moment - aggregation.offset
            first, last = bisect_right(samples.times, end - aggregation.range), bisect_right(samples.times, end)
            window = slice(first, last)
            values = samples.values[window]
            table[labels].append(apply(samples.times[window], values, seconds) if values else None)
    return {labels: values for labels, values in table.items() if any(value is not None for value in values)}


class _Labelling:
    """Which series a line belongs to, and which labels its parsers have to find."""

    def __init__(self, aggregation: RangeAggregation, grouping: Grouping | None, whole: bool) -> None:
        self._unwrapped = aggregation.unwrap.label if aggregation.unwrap else ""
        self._grouping, self._whole = grouping, whole
        needs = [name for stage in aggregation.query.stages for name in stage.needs()]
        needs += aggregation.unwrap.needs() if aggregation.unwrap else ()
        if whole:
            self.hints = Hints(needs, nothing=not needs)
        elif grouping and not grouping.without:
            self.hints = Hints((*needs, *grouping.labels))
        else:
            self.hints = Hints()

    def series(self, entry: Entry) -> Labels:
        if entry.error and not (self.hints.keeps_errors and entry.error in PARSER_ERRORS):
            raise _pipeline_error(entry)
        if self._whole:
            return ()
        if self._grouping and not self._grouping.without:
            return labels_of({name: entry.get(name) or "" for name in self._grouping.labels})
        labels = entry.labels()
        labels.pop(self._unwrapped, None)
        return grouped(labels_of(labels), self._grouping) if self._grouping else labels_of(labels)


def _pipeline_error(entry: Entry) -> PipelineError:
    labels = ", ".join(f'{name}="{value}"' for name, value in labels_of(entry.labels()))
    return PipelineError(
        f"pipeline error: '{entry.error}' for series: '{{{labels}}}'.\n"
        f'Use a label filter to intentionally skip this error. (e.g | __error__!="{entry.error}").\n'
        'To skip all potential errors you can match empty errors.(e.g __error__="")\n'
        'The label filter can also be specified after unwrap. (e.g | unwrap latency | __error__="" )\n'
    )


def _collected(
    reader: Reader, aggregation: RangeAggregation, steps: Steps, labelling: _Labelling
) -> dict[Labels, _Series]:
    found: dict[Labels, _Series] = {}
    bounds = SeriesBounds(len(steps.moments))
    for entry, value in _samples(reader, aggregation, steps, labelling.hints):
        labels = labelling.series(entry)
        if labels not in found:
            bounds.add_series(labels)
            found[labels] = _Series()
        bounds.add_sample()
        found[labels].add(entry.time, value)
    return found


def _samples(
    reader: Reader, aggregation: RangeAggregation, steps: Steps, hints: Hints
) -> Iterator[tuple[Entry, float]]:
    moments = steps.moments
    begin, end = moments[0] - aggregation.offset - aggregation.range + 1, moments[-1] - aggregation.offset + 1
    counts_bytes = aggregation.operation.startswith("bytes")
    for stream in selected(reader, aggregation.query.matchers).items():
        for entry in entries(reader, aggregation.query, stream, begin, end, hints=hints):
            if aggregation.unwrap is None:
                yield entry, float(len(entry.line.encode())) if counts_bytes else 1.0
            elif (value := aggregation.unwrap.sample(entry)) is not None:
                yield entry, value
