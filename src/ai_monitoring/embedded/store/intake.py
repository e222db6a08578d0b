"""Lines and spans into their tables, inside a transaction that the caller holds."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter, itemgetter

from ai_monitoring.embedded.store.database import pack
from ai_monitoring.embedded.store.records import Labels, Line, Span

_INSERT_LINE = "INSERT INTO line (stream, time, sequence, level, metadata, text) VALUES (?, ?, ?, ?, ?, ?)"
_INSERT_SPAN = "INSERT OR REPLACE INTO span VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_AT = "SELECT sequence, text, metadata FROM line WHERE stream = ? AND time = ?"

Content = tuple[str, str | None]
"""What tells lines of one stream and time apart: text and packed metadata."""


@dataclass(slots=True)
class _Moment:
    """What a stream holds at one time."""

    contents: set[Content] = field(default_factory=set)
    sequence: int = 0


@dataclass(slots=True)
class _Stream:
    """What is remembered of a stream: only a line that is not newer than all others needs a look at the table."""

    number: int
    newest: int
    moment: _Moment | None = None


class Intake:
    """Writes rows. Forgets what it remembers when told that a transaction was rolled back or rows were removed."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._streams: dict[Labels, _Stream] = {}

    def forget(self) -> None:
        self._streams.clear()

    def lines(self, lines: Iterable[Line]) -> int:
        """Write the lines that are not there yet; tells how many those were."""
        by_stream: dict[Labels, list[Line]] = defaultdict(list)
        for line in lines:
            by_stream[line.labels].append(line)
        rows = [row for labels, those in by_stream.items() for row in self._rows(labels, those)]
        self._connection.executemany(_INSERT_LINE, rows)
        return len(rows)

    def spans(self, spans: Iterable[Span]) -> int:
        """Write the spans; one that is there already is replaced."""
        rows = [(*span[:9], _rest(span)) for span in spans]
        self._connection.executemany(_INSERT_SPAN, rows)
        return len(rows)

    def _rows(self, labels: Labels, lines: list[Line]) -> Iterator[tuple[object, ...]]:
        stream = self._stream(labels)
        # Sorting is stable: lines of one time keep the order in which they came.
        for moment, those in groupby(sorted(lines, key=itemgetter(1)), key=itemgetter(1)):
            there = self._moment(stream, moment)
            for line in those:
                metadata = pack(line.metadata) if line.metadata else None
                if (content := (line.text, metadata)) not in there.contents:
                    there.contents.add(content)
                    yield (stream.number, moment, there.sequence, line.level, metadata, line.text)
                    there.sequence += 1

    def _moment(self, stream: _Stream, time: int) -> _Moment:
        if time > stream.newest:
            stream.newest, stream.moment = time, _Moment()
            return stream.moment
        if time == stream.newest and stream.moment:
            return stream.moment
        found = _Moment()
        for sequence, text, metadata in self._connection.execute(_AT, (stream.number, time)):
            found.contents.add((text, metadata))
            found.sequence = max(found.sequence, sequence + 1)
        if time == stream.newest:
            stream.moment = found
        return found

    def _stream(self, labels: Labels) -> _Stream:
        if labels not in self._streams:
            self._streams[labels] = self._find(labels)
        return self._streams[labels]

    def _find(self, labels: Labels) -> _Stream:
        packed = pack(labels)
        self._connection.execute("INSERT OR IGNORE INTO stream (labels) VALUES (?)", (packed,))
        (number,) = self._connection.execute("SELECT id FROM stream WHERE labels = ?", (packed,)).fetchone()
        (newest,) = self._connection.execute("SELECT max(time) FROM line WHERE stream = ?", (number,)).fetchone()
        return _Stream(number, -1 if newest is None else newest)


_REST = attrgetter("status_message", "scope", "attributes", "resource", "events", "links")


def _rest(span: Span) -> str:
    return json.dumps(_REST(span), ensure_ascii=False, separators=(",", ":"))
