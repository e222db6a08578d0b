"""A store that holds given spans."""

import json
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from sqlite3 import connect

from ai_monitoring.embedded.store.database import create
from ai_monitoring.embedded.store.records import Span


def store_of(folder: Path, spans: Iterable[Span]) -> Path:
    """A new file with the spans."""
    file = folder / "store.db"
    create(file)
    with closing(connect(file)) as connection, connection:
        connection.executemany("INSERT INTO span VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", map(_row, spans))
    return file


def _row(span: Span) -> tuple[object, ...]:
    *columns, message, scope, attributes, resource, events, links = span
    return (*columns, json.dumps([message, scope, attributes, resource, events, links]))
