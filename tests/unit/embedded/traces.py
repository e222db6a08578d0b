"""Traces for tests, in a store of their own."""

import json
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from sqlite3 import connect

from ai_monitoring.embedded.store.database import create
from ai_monitoring.embedded.store.records import Span


def store(folder: Path, spans: Iterable[Span]) -> Path:
    """A new file with the spans."""
    file = folder / "store.db"
    create(file)
    with closing(connect(file)) as connection, connection:
        connection.executemany(f"INSERT INTO span VALUES ({', '.join('?' * 10)})", map(_row, spans))
    return file


def _row(span: Span) -> tuple[object, ...]:
    *columns, message, scope, attributes, resource, events, links = span
    return (*columns, json.dumps([message, scope, attributes, resource, events, links]))
