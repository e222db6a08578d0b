"""SQLite files that only their owner can read, and whose commits are on the disk once they return."""

import logging
import os
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock
from weakref import WeakSet

_BUSY_SECONDS = 10.0
_FORK_WAITS = 1.5 * _BUSY_SECONDS

logger = logging.getLogger("ai_monitoring")


def opened(file: Path, tables: str, *pragmas: str) -> sqlite3.Connection:
    """A connection for any thread, outside a transaction. Makes the file, its folder, and the tables as this SQL says.

    Raises sqlite3.Error and OSError.
    """
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.touch(mode=0o600)
    connection = sqlite3.connect(file, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        for pragma in ("synchronous=FULL", *pragmas):
            connection.execute(f"PRAGMA {pragma}")
        connection.executescript(tables)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Commits at the end of the block, rolls back where it raises."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


class Forkable(ABC):
    """Has connections that are closed while the process forks, and is used in parent and child alike.

    What SQLite knows of its locks is the process's: a child that inherits it loses what it commits, or waits for good.
    Whoever uses a connection holds `alone` meanwhile, and opens one where there is none; a fork waits for it.
    """

    def __init__(self) -> None:
        self.alone = RLock()
        with _changing:
            _living.add(self)

    @abstractmethod
    def close(self) -> None:
        """Close all connections; the next use opens one."""

    @abstractmethod
    def leave(self) -> None:
        """Let go of connections without closing them: they are of a parent that was forked without Python's hooks."""


_living: WeakSet[Forkable] = WeakSet()
_changing = RLock()
_held: list[Forkable] = []


def _before_fork() -> None:
    _changing.acquire()
    for one in tuple(_living):
        if not one.alone.acquire(timeout=_FORK_WAITS):
            logger.error(
                "A SQLite file was in use for %.0f s while this process forks: what it writes may be lost", _FORK_WAITS
            )
            continue
        _held.append(one)
        with suppress(Exception):  # the next use opens another
            one.close()


def _after_fork() -> None:
    for one in _held:
        one.alone.release()
    _held.clear()
    _changing.release()


def _start_anew() -> None:
    global _changing
    # Not released: the parent may have forked without the other hooks.
    _changing = RLock()
    _held.clear()
    for one in tuple(_living):
        one.alone = RLock()
        one.leave()


os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_start_anew)
