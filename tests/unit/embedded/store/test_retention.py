import sqlite3
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from waiting import until

from ai_monitoring.embedded.store.database import connected, create
from ai_monitoring.embedded.store.intake import Intake
from ai_monitoring.embedded.store.records import Labels, Line, Span
from ai_monitoring.embedded.store.retention import DAY_NS, Keep, Retention
from ai_monitoring.embedded.store.writer import Writer, WriterLimits
from ai_monitoring.sqlite_files import transaction

MINUTE = 60 * 10**9
NOW = 1_790_000_000 * 10**9
SHOP: Labels = (("service_name", "shop"),)
BANK: Labels = (("service_name", "bank"),)


@pytest.fixture
def connection(file: Path) -> Iterator[sqlite3.Connection]:
    create(file)
    with connected(file) as connection:
        yield connection


def span(number: int, begin: int) -> Span:
    return Span("4bf92f3577b34da6a3ce929d0e0e4736", f"{number:016x}", "", "shop", "GET /", 2, begin, begin + 10, 0)


def fill(connection: sqlite3.Connection, lines: Iterable[Line], spans: Iterable[Span] = ()) -> None:
    with transaction(connection):
        Intake(connection).lines(lines)
        Intake(connection).spans(spans)


def times(connection: sqlite3.Connection) -> list[int]:
    query = "SELECT time FROM line UNION ALL SELECT begin FROM span ORDER BY 1"
    return [moment for (moment,) in connection.execute(query)]


def sweep(connection: sqlite3.Connection, keep: Keep, now: int = NOW) -> int:
    """All steps until nothing is left to do; how many there were."""
    retention, steps = Retention(connection, keep), 1
    while retention.step(now).more:
        steps += 1
    return steps


def test_what_is_too_old_goes_lines_and_spans_alike(connection: sqlite3.Connection) -> None:
    kept = NOW - 7 * DAY_NS
    moments = (kept - 1, kept, NOW)
    fill(connection, [Line(SHOP, moment, "x") for moment in moments], [span(*those) for those in enumerate(moments)])
    sweep(connection, Keep())
    assert times(connection) == [kept, kept, NOW, NOW]


def test_work_comes_in_small_steps(connection: sqlite3.Connection) -> None:
    fill(connection, [Line(SHOP, number, "x") for number in range(1, 1001)])
    assert Retention(connection, Keep(rows=100)).step(NOW).rows == 100
    assert times(connection)[0] == 101, "the oldest go first"
    assert sweep(connection, Keep(rows=100)) == 10
    assert times(connection) == []


def test_stream_without_lines_goes(connection: sqlite3.Connection) -> None:
    fill(connection, [Line(SHOP, 1, "x"), Line(BANK, NOW, "x")])
    assert Retention(connection, Keep()).step(NOW).streams == (SHOP,)
    assert connection.execute("SELECT count(*) FROM stream").fetchone() == (1,)


def test_size_is_kept_and_the_newest_stay(connection: sqlite3.Connection, file: Path) -> None:
    keep = Keep(bytes=400_000, rows=50)
    moments = [NOW - (100 - number) * MINUTE for number in range(100)]
    fill(
        connection,
        [Line(SHOP, moment + step, "x" * 1000) for moment in moments for step in range(10)],
        [span(number, moment)._replace(status_message="x" * 1500) for number, moment in enumerate(moments)],
    )
    retention = Retention(connection, keep)
    assert retention.bytes_used() > 1_000_000
    sweep(connection, keep)
    assert 300_000 < retention.bytes_used() <= 400_000
    left = times(connection)
    assert left[-1] == NOW - MINUTE + 9, "the newest is there"
    assert left[0] == retention.oldest()
    spans = connection.execute("SELECT min(begin) FROM span").fetchone()[0]
    lines = connection.execute("SELECT min(time) FROM line").fetchone()[0]
    assert abs(spans - lines) <= 2 * MINUTE, "both lose their oldest"


def test_pages_are_given_back(connection: sqlite3.Connection, file: Path) -> None:
    fill(connection, [Line(SHOP, number, "x" * 1000) for number in (*range(1, 3001), NOW)])
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = file.stat().st_size
    sweep(connection, Keep())
    for _ in range(5):
        Retention(connection, Keep()).step(NOW)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert before > 3_000_000
    assert file.stat().st_size < 300_000


def test_writer_keeps_its_retention_while_it_runs(file: Path) -> None:
    now = time.time_ns()
    limits = WriterLimits(sweep_seconds=0.01, streams=1)
    clock = iter([now] * 3)
    with Writer(file, limits=limits, clock=lambda: next(clock, now + 8 * DAY_NS)) as writer:
        assert writer.roster.admit(SHOP)
        writer.write_lines([Line(SHOP, now, "x")]).result(5)
        until(lambda: writer.counts.deleted == 1, 5)
        until(lambda: writer.roster.admit(BANK), 5)
        assert writer.counts.oldest is None
        writer.write_lines([Line(BANK, now + 8 * DAY_NS, "x")]).result(5)
        until(lambda: writer.counts.oldest == now + 8 * DAY_NS, 5)
        assert writer.counts.bytes_used > 0
