import random
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from waiting import until

from ai_monitoring.embedded.store.database import DatabaseError, connected
from ai_monitoring.embedded.store.errors import OverloadedError, WriteError
from ai_monitoring.embedded.store.reader import Reader
from ai_monitoring.embedded.store.records import Labels, Line, Span
from ai_monitoring.embedded.store.writer import Writer, WriterLimits

NOW = time.time_ns()
SHOP: Labels = (("service_name", "shop"),)
BANK: Labels = (("service_name", "bank"),)


def span(span_id: str = "00f067aa0ba902b7", name: str = "GET /", begin: int = NOW) -> Span:
    return Span("4bf92f3577b34da6a3ce929d0e0e4736", span_id, "", "shop", name, 2, begin, begin + 10, 0)


def texts(file: Path, labels: Labels = SHOP) -> list[str]:
    with connected(file, read_only=True) as connection:
        reader = Reader(connection)
        return [
            row.text
            for number, those in reader.streams().items()
            if those == labels
            for row in reader.lines(number, 0, 2**62)
        ]


def test_what_is_done_is_in_the_file(file: Path, writer: Writer) -> None:
    writer.write_lines([Line(SHOP, NOW, "a", "info", (("user", "ada"),)), Line(BANK, NOW, "b")]).result(5)
    writer.write_spans([span()]).result(5)
    with connected(file, read_only=True) as connection:
        reader = Reader(connection)
        assert set(reader.streams().values()) == {SHOP, BANK}
        [row] = reader.lines(1, NOW, NOW + 1)
        assert (row.time, row.text, row.level, row.metadata) == (NOW, "a", "info", {"user": "ada"})
        assert list(reader.spans("1")) == [span()]
    assert (writer.counts.lines, writer.counts.spans) == (2, 1)


def test_lines_of_one_moment_keep_the_order_in_which_they_came(file: Path, writer: Writer) -> None:
    for text in "zyx":
        writer.write_lines([Line(SHOP, NOW, text)]).result(5)
    writer.write_lines([Line(SHOP, NOW + 1, "b"), Line(SHOP, NOW, "w"), Line(SHOP, NOW + 1, "a")]).result(5)
    assert texts(file) == ["z", "y", "x", "w", "b", "a"]


def test_push_that_is_repeated_is_stored_once(file: Path, writer: Writer) -> None:
    lines = [Line(SHOP, NOW + number // 2, f"line {number}") for number in range(10)]
    for _ in range(2):
        writer.write_lines(lines).result(5)
    assert len(texts(file)) == 10
    assert (writer.counts.lines, writer.counts.repeated) == (10, 10)


def test_push_that_is_repeated_after_a_restart_is_stored_once(file: Path) -> None:
    lines = [Line(SHOP, NOW, "a"), Line(SHOP, NOW + 1, "b", metadata=(("user", "ada"),))]
    for _ in range(2):
        with Writer(file) as writer:
            writer.write_lines(lines)
    assert texts(file) == ["a", "b"]


def test_line_that_differs_in_its_metadata_is_another_line(file: Path, writer: Writer) -> None:
    writer.write_lines([Line(SHOP, NOW, "a", metadata=(("try", str(number)),)) for number in range(2)]).result(5)
    assert texts(file) == ["a", "a"]


def test_late_line_finds_its_place(file: Path, writer: Writer) -> None:
    for moment, text in ((5, "five"), (1, "one"), (5, "five, too"), (1, "one, too"), (1, "one")):
        writer.write_lines([Line(SHOP, NOW + moment, text)]).result(5)
    assert texts(file) == ["one", "one, too", "five", "five, too"]


def test_span_that_comes_again_replaces_the_first(file: Path, writer: Writer) -> None:
    writer.write_spans([span(name="old")]).result(5)
    writer.write_spans([span(name="new")]).result(5)
    with connected(file, read_only=True) as connection:
        assert [found.name for found in Reader(connection).spans("1")] == ["new"]


def test_pushes_that_wait_share_a_transaction(file: Path, writer: Writer) -> None:
    with connected(file) as holder:
        holder.execute("BEGIN IMMEDIATE")
        pushes = [writer.write_lines([Line(SHOP, NOW + number, str(number))]) for number in range(100)]
        holder.execute("COMMIT")
    for push in pushes:
        push.result(5)
    assert len(texts(file)) == 100


def test_what_was_taken_is_written_before_the_end(file: Path) -> None:
    with Writer(file) as writer:
        for number in range(50):
            writer.write_lines([Line(SHOP, NOW + number, str(number))])
    assert len(texts(file)) == 50
    with pytest.raises(OverloadedError, match="closed"):
        writer.write_lines([Line(SHOP, NOW, "late")])


def test_more_than_may_wait_is_refused(file: Path) -> None:
    with Writer(file, limits=WriterLimits(queued_bytes=1000)) as writer, connected(file) as holder:
        holder.execute("BEGIN IMMEDIATE")
        taken = [writer.write_lines([Line(SHOP, NOW, "x" * 600)])]
        with pytest.raises(OverloadedError, match="wait to be written"):
            taken.extend(writer.write_lines([Line(SHOP, NOW + number, "x" * 600)]) for number in range(3))
        holder.execute("COMMIT")
        for push in taken:
            push.result(5)
        assert writer.counts.refused() == {"overloaded": 1}
        writer.write_lines([Line(SHOP, NOW, "again")]).result(5)


def test_push_that_cannot_be_written_does_not_take_others_with_it(file: Path, writer: Writer) -> None:
    with connected(file) as holder:
        holder.execute("BEGIN IMMEDIATE")
        pushes = [writer.write_lines([Line(SHOP, NOW, text)]) for text in ("a", "\ud800", "b")]
        holder.execute("COMMIT")
    with pytest.raises(WriteError, match="surrogates"):
        pushes[1].result(5)
    pushes[2].result(5)
    assert texts(file) == ["a", "b"]


def test_streams_are_counted_from_the_file_on(file: Path) -> None:
    with Writer(file) as writer:
        writer.write_lines([Line(SHOP, NOW, "a")])
    with Writer(file, limits=WriterLimits(streams=2)) as writer:
        assert [writer.roster.admit(labels) for labels in (BANK, SHOP, (("a", "b"),))] == [True, True, False]


FULL_DISK = """
import resource, sys, time
from pathlib import Path
from ai_monitoring.embedded.store.errors import StoreFullError
from ai_monitoring.embedded.store.records import Line
from ai_monitoring.embedded.store.writer import Writer

labels, now = (("service_name", "shop"),), time.time_ns()
with Writer(Path(sys.argv[1])) as writer:
    resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, resource.RLIM_INFINITY))
    for number in range(1000):
        try:
            writer.write_lines([Line(labels, now + number, "x" * 10_000)]).result(5)
        except StoreFullError as error:
            print(number, error)
            break
    print(writer.counts.refused())
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    writer.write_lines([Line(labels, now + 2000, "room again")]).result(5)
    print(writer.counts.lines)
"""


def test_full_disk_is_refused_and_recovers_by_itself(file: Path) -> None:
    run = subprocess.run([sys.executable, "-c", FULL_DISK, str(file)], capture_output=True, text=True, timeout=30)
    refusal, refused, lines = run.stdout.splitlines()
    taken, words = refusal.split(" ", 1)
    assert "no room left" in words
    assert refused == "{'full': 1}"
    assert int(lines) == int(taken) + 1 == len(texts(file))
    assert texts(file)[-1] == "room again"


def test_second_process_is_told(file: Path, writer: Writer) -> None:
    with pytest.raises(DatabaseError, match="in use by another process"), Writer(file):
        pass
    writer.write_lines([Line(SHOP, NOW, "a")]).result(5)


def test_foreign_or_damaged_file_is_told(file: Path) -> None:
    for content in (b"\x00\xff" * 10_000, _foreign(file, 0), _foreign(file, 1), _half(file)):
        file.write_bytes(content)
        with pytest.raises(DatabaseError, match=r"cannot be used \(.+\): move it away"), Writer(file):
            pass
    assert not [thread for thread in threading.enumerate() if thread.name == "embedded-writer"]


def _foreign(file: Path, version: int) -> bytes:
    file.unlink(missing_ok=True)
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(f"CREATE TABLE line (a); PRAGMA user_version = {version};")
    return file.read_bytes()


def _half(file: Path) -> bytes:
    file.unlink()
    with Writer(file) as writer:
        writer.write_lines([Line(SHOP, NOW + number, "x" * 100) for number in range(1000)]).result(5)
    return file.read_bytes()[: file.stat().st_size // 2]


def test_folder_in_the_place_of_the_file_is_told(file: Path) -> None:
    file.mkdir()
    with pytest.raises(DatabaseError, match="its folder has to be there, and writable"), Writer(file):
        pass


@pytest.mark.parametrize("restarted", [False, True])
def test_nothing_of_a_deleted_line_stays_in_a_file(file: Path, restarted: bool) -> None:
    shuffled = random.Random(5)  # noqa: S311 the same lines each time
    lines = [
        Line(SHOP, NOW + 10**7 * number, f"{'ada' if number % 10 else 'whoever-goes'} {'z' * shuffled.randrange(3000)}")
        for number in range(3000)
    ]
    shuffled.shuffle(lines)

    def delete(connection: sqlite3.Connection) -> int:
        return connection.execute("DELETE FROM line WHERE text LIKE 'whoever%'").rowcount

    def left() -> int:
        return sum(kept.read_bytes().count(b"whoever-goes") for kept in file.parent.iterdir())

    with Writer(file, limits=WriterLimits(sweep_seconds=60 if restarted else 0.2)) as writer:
        for batch in range(0, len(lines), 50):
            writer.write_lines(lines[batch : batch + 50]).result(10)
        assert writer.delete(delete).result(10) == 300
        until(lambda: restarted or not left(), 10)
    if restarted:
        assert left(), "what SQLite leaves in its pages"
        with Writer(file):
            until(lambda: not left(), 10)
    assert len(texts(file)) == 2700


def test_metadata_counts_towards_what_may_wait(file: Path) -> None:
    with Writer(file, limits=WriterLimits(queued_bytes=2500)) as writer, connected(file) as holder:
        holder.execute("BEGIN IMMEDIATE")
        plain = Line(SHOP, NOW, "")
        first, second = writer.write_lines([plain]), writer.write_lines([plain._replace(time=NOW + 1)])
        with pytest.raises(OverloadedError):
            writer.write_lines([plain._replace(metadata=(("stack", "x" * 2000),))])
        holder.execute("ROLLBACK")
        first.result(5)
        second.result(5)
        until(lambda: writer.counts.queued_bytes == 0)
