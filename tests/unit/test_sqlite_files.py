import sqlite3
import stat
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
