import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette

from ai_monitoring.embedded.ingest.receiver import Receiver
from ai_monitoring.embedded.ingest.routes import loki_routes, otlp_routes
from ai_monitoring.embedded.store.database import connected
from ai_monitoring.embedded.store.reader import Reader
from ai_monitoring.embedded.store.records import Line, Span
from ai_monitoring.embedded.store.writer import Writer


@pytest.fixture
def now() -> int:
    return time.time_ns()


@pytest.fixture
def receiver(writer: Writer) -> Receiver:
    return Receiver(writer)


@pytest.fixture
async def client(receiver: Receiver) -> AsyncIterator[httpx2.AsyncClient]:
    # A failure inside the application ends the test, where Starlette would answer 500.
    app = Starlette(routes=[*loki_routes(receiver), *otlp_routes(receiver)])
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://loki") as client:
        yield client


@pytest.fixture
def reader(file: Path) -> Iterator[sqlite3.Connection]:
    with connected(file, read_only=True) as connection:
        yield connection


@pytest.fixture
def stored(reader: sqlite3.Connection) -> Callable[[], list[Line]]:
    """All lines of the store, by stream, time and order."""

    def lines() -> list[Line]:
        found = Reader(reader)
        return [
            Line(labels, row.time, row.text, row.level, tuple(row.metadata.items()))
            for number, labels in found.streams().items()
            for row in found.lines(number, 0, 2**62)
        ]

    return lines


@pytest.fixture
def spans(reader: sqlite3.Connection) -> Callable[[], list[Span]]:
    return lambda: list(Reader(reader).spans("1"))
