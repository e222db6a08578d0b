"""Searches the store for the traces that a query finds, newest first, within bounds."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from ai_monitoring.embedded.store.reader import Condition, QueryTimeoutError, Reader
from ai_monitoring.embedded.traceql.candidates import candidates
from ai_monitoring.embedded.traceql.evaluation import Spanset, evaluate
from ai_monitoring.embedded.traceql.syntax import Query
from ai_monitoring.embedded.traceql.trace import Trace

MAX_SPANS = 200_000
"""Spans that a search looks at; it then answers with what it has found."""
MAX_TRACE_SPANS = 50_000
"""Spans of one trace that are looked at, and shown."""
MAX_SECONDS = 10.0
_EVER = 2**63 - 1
_REACH = 3600 * 10**9
"""A trace that reaches into the range is found if it began at most an hour before it."""


@dataclass(frozen=True)
class Found:
    """A trace with the spansets that the query finds in it."""

    trace: Trace
    sets: list[Spanset]


@dataclass
class Scan:
    """How much a search has looked at."""

    traces: int = 0
    spans: int = 0


def search(reader: Reader, query: Query, begin: int, end: int, limit: int, scan: Scan | None = None) -> list[Found]:
    """At most `limit` traces that overlap [begin, end], in nanoseconds since 1970; the latest to begin comes first.

    Raises TraceQLError for a query that cannot be worked out, QueryTimeoutError after MAX_SECONDS.
    """
    found: list[Found] = []
    last = time.monotonic() + MAX_SECONDS
    for trace in _traces(reader, candidates(query.pipeline), begin, end, scan or Scan()):
        if trace.begin <= end and trace.end >= begin and (sets := evaluate(query.pipeline, trace)):
            found.append(Found(trace, sets))
        if len(found) == limit:
            break
        if time.monotonic() > last:
            raise QueryTimeoutError(f"The query took longer than {MAX_SECONDS:g} s.")
    return sorted(found, key=lambda one: -one.trace.begin)


def load(reader: Reader, trace_id: str) -> Trace | None:
    """The trace; of a huge one its latest spans. None where there is none."""
    spans = list(reader.spans("trace_id = ?", (trace_id,), MAX_TRACE_SPANS))
    return Trace(spans) if spans else None


def _traces(reader: Reader, where: Condition, begin: int, end: int, scan: Scan) -> Iterator[Trace]:
    """Each trace with a span for which the condition holds, until enough spans were looked at."""
    seen: set[str] = set()
    within = Condition("begin >= ? AND begin <= ?", (max(begin - _REACH, 0), min(end, _EVER - _REACH) + _REACH)) & where
    for trace_id in reader.trace_ids(within.sql, within.values):
        if trace_id in seen:
            continue
        seen.add(trace_id)
        if trace := load(reader, trace_id):
            scan.traces += 1
            scan.spans += len(trace.spans)
            yield trace
        if scan.spans >= MAX_SPANS:
            return
