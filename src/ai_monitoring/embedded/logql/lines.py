"""The answer to a log query: lines of several streams, merged by time."""

import heapq
from collections.abc import Iterator
from itertools import islice

from ai_monitoring.embedded.logql.expressions import LogQuery
from ai_monitoring.embedded.logql.pipeline import entries, selected
from ai_monitoring.embedded.logql.stages.stage import Entry
from ai_monitoring.embedded.store.reader import Reader


def found_lines(
    reader: Reader, query: LogQuery, begin: int, end: int, limit: int, *, backward: bool = True
) -> Iterator[Entry]:
    """The first `limit` lines in [begin, end), oldest first or, `backward`, newest first. Times in nanoseconds."""
    streams = selected(reader, query.matchers)
    sources = [entries(reader, query, stream, begin, end, backward=backward) for stream in streams.items()]
    return islice(heapq.merge(*sources, key=lambda entry: entry.time, reverse=backward), limit)
