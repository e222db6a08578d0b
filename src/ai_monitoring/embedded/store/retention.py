"""What is too old, or more than there is room for, goes: the oldest first, lines and spans alike.

It works in small steps between the writer's transactions, so that no push waits long for it.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from ai_monitoring.embedded.store.database import unpack
from ai_monitoring.embedded.store.records import Labels
from ai_monitoring.sqlite_files import transaction

DAY_NS = 86_400 * 10**9
_SLICE_NS = 60 * 10**9
"""Where room is short, streams lose together what is at most this much newer than the oldest of all."""
_KEPT_FREE = 20
"""One page in so many stays in the file though it is free: what comes next is written there."""
_SPANS = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """For how many nanoseconds, in how many bytes; at most `rows` are removed and `pages` given back in a step."""

    age: int = 7 * DAY_NS
    bytes: int = 2 * 10**9
    rows: int = 5_000
    pages: int = 1_000


@dataclass(frozen=True, slots=True)
class Swept:
    """What a step did: rows removed, streams gone for want of lines, and whether there is more to do."""

    rows: int
    streams: tuple[Labels, ...]
    more: bool


class Retention:
    """Runs on the writer's connection, outside its transactions."""

    def __init__(self, connection: sqlite3.Connection, keep: Keep) -> None:
        self._connection = connection
        self._keep = keep

    def step(self, now: int) -> Swept:
        """Remove a few of those that must go. `now` in nanoseconds since 1970."""
        with transaction(self._connection):
            oldest = self._oldest()
            horizon = now - self._keep.age
            if self.bytes_used() > self._keep.bytes and oldest:
                horizon = max(horizon, min(oldest.values()) + _SLICE_NS)
            rows = self._remove(oldest, horizon)
            streams = tuple(self._gone())
        self._give_back()
        return Swept(rows, streams, more=rows > 0)

    def bytes_used(self) -> int:
        """Bytes of the file that hold data, its free pages left out."""
        return (self._pragma("page_count") - self._pragma("freelist_count")) * self._pragma("page_size")

    def oldest(self) -> int | None:
        """Nanoseconds since 1970 of the oldest line or span."""
        return min(self._oldest().values(), default=None)

    def _oldest(self) -> dict[int, int]:
        """The oldest time of each stream that has lines, and of spans."""
        found = self._connection.execute(
            "SELECT id, (SELECT time FROM line WHERE stream = id ORDER BY time LIMIT 1) FROM stream"
            " UNION ALL SELECT ?, (SELECT min(begin) FROM span)",
            (_SPANS,),
        )
        return {source: time for source, time in found if time is not None}

    def _remove(self, oldest: dict[int, int], horizon: int) -> int:
        removed = 0
        for source in sorted(oldest, key=oldest.__getitem__):
            if oldest[source] >= horizon or removed >= self._keep.rows:
                break
            remove = self._remove_spans if source == _SPANS else self._remove_lines
            removed += remove(source, horizon, self._keep.rows - removed)
        return removed

    def _remove_lines(self, stream: int, horizon: int, count: int) -> int:
        query = "SELECT time FROM line WHERE stream = ? AND time < ? ORDER BY time LIMIT 1 OFFSET ?"
        last = self._connection.execute(query, (stream, horizon, count - 1)).fetchone()
        # Lines of one time go together, so that those which stay keep their numbers.
        bound = last[0] if last else horizon - 1
        return self._connection.execute("DELETE FROM line WHERE stream = ? AND time <= ?", (stream, bound)).rowcount

    def _remove_spans(self, _: int, horizon: int, count: int) -> int:
        query = "SELECT begin FROM span WHERE begin < ? ORDER BY begin LIMIT 1 OFFSET ?"
        last = self._connection.execute(query, (horizon, count - 1)).fetchone()
        bound = last[0] if last else horizon - 1
        return self._connection.execute("DELETE FROM span WHERE begin <= ?", (bound,)).rowcount

    def _gone(self) -> Iterator[Labels]:
        condition = "NOT EXISTS (SELECT 1 FROM line WHERE stream = id)"
        for number, labels in self._connection.execute(f"SELECT id, labels FROM stream WHERE {condition}").fetchall():  # noqa: S608
            self._connection.execute("DELETE FROM stream WHERE id = ?", (number,))
            yield unpack(labels)

    def _give_back(self) -> None:
        spare = self._pragma("freelist_count") - self._pragma("page_count") // _KEPT_FREE
        if spare > 0:
            # As a script: `execute` would stop at the first page.
            self._connection.executescript(f"PRAGMA incremental_vacuum({min(spare, self._keep.pages)})")

    def _pragma(self, name: str) -> int:
        (value,) = self._connection.execute(f"PRAGMA {name}").fetchone()
        return int(value)
