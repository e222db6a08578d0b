import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ai_monitoring.sqlite_files import opened, transaction

TABLES = "CREATE TABLE IF NOT EXISTS thing (name TEXT)"


def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    file = tmp_path / "a" / "b.db"
    opened(file, TABLES, "journal_mode=DELETE").close()
    assert [stat.S_IMODE(path.stat().st_mode) for path in (file.parent, file)] == [0o700, 0o600]


def test_what_is_there_stays_and_a_commit_is_on_the_disk(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    first = opened(file, TABLES)
    assert first.execute("PRAGMA synchronous").fetchone() == (2,), "FULL"
    with transaction(first):
        first.execute("INSERT INTO thing VALUES ('kept')")
    first.close()
    again = opened(file, TABLES)
    assert again.execute("SELECT name FROM thing").fetchall() == [("kept",)]
    again.close()


def test_a_transaction_that_raises_leaves_nothing(tmp_path: Path) -> None:
    connection = opened(tmp_path / "a.db", TABLES)

    def half() -> None:
        with transaction(connection):
            connection.execute("INSERT INTO thing VALUES ('half')")
            raise LookupError

    with pytest.raises(LookupError):
        half()
    assert connection.execute("SELECT count(*) FROM thing").fetchone() == (0,)
    assert not connection.in_transaction
    connection.close()


def test_a_file_that_is_no_database_is_let_go(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    file.write_text("no database at all, but long enough to be looked at" * 50, encoding="utf-8")
    with pytest.raises(sqlite3.DatabaseError):
        opened(file, TABLES)


FORKS = """
import os, sqlite3, sys, threading, time
from pathlib import Path
from ai_monitoring.sqlite_files import Forkable, opened, transaction

class Things(Forkable):
    def __init__(self):
        self.connection = None
        super().__init__()

    def close(self):
        self.connection = self.connection and self.connection.close()

    def leave(self):
        self.connection = None

    def add(self, name, seconds=0.0):
        with self.alone:
            self.connection = self.connection or opened(FILE, TABLES, "journal_mode=WAL")
            with transaction(self.connection):
                self.connection.execute("INSERT INTO thing VALUES (?)", (name,))
                begun.set()
                time.sleep(seconds)

FILE, TABLES = Path(sys.argv[1]), "CREATE TABLE IF NOT EXISTS thing (name)"
begun, things = threading.Event(), Things()
thread = threading.Thread(target=things.add, args=("busy", 0.3))
thread.start()
begun.wait()
child = os.fork()
if child == 0:
    inherited = any("a.db" in os.path.realpath(f"/proc/self/fd/{one}") for one in os.listdir("/proc/self/fd"))
    things.add("child")
    os._exit(inherited)
things.add("parent")
thread.join()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_no_connection_is_open_while_a_process_forks_and_both_write_afterwards(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    subprocess.run([sys.executable, "-W", "ignore", "-c", FORKS, str(file)], check=True, timeout=60)
    connection = sqlite3.connect(file)
    assert {name for (name,) in connection.execute("SELECT name FROM thing")} == {"busy", "child", "parent"}
    connection.close()
