"""A folder that keeps batches until they are sent: over restarts of the receiver and of the application.

Each process has a subfolder of its own, locked as long as it lives. What a process that is gone has left, however it
ended, is adopted by the next one that starts. A file is complete or not there: it is written under another name first.
"""

import fcntl
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic

from ai_monitoring.telemetry.outbox import Batch

MAX_BYTES = 256 * 2**20
MEASURE_EVERY = 5.0
"""Seconds between two looks at what all processes have in the folder: each file is asked for its size."""

_NAME = re.compile(r"\d{20}-(\d+)\.otlp\.gz")
_LOCK = "lock"


class SpoolFullError(Exception):
    """The folder holds as many bytes as it may."""


class Spool:
    """One process's subfolder of `folder`. Raises OSError where it cannot be made."""

    def __init__(self, folder: Path, max_bytes: int = MAX_BYTES) -> None:
        self._root = folder
        self._max_bytes = max_bytes
        self._number = 0
        self._bytes = 0
        self._measure_at = float("-inf")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder = folder / f"{os.getpid()}-{secrets.token_hex(4)}"
        with _locked(folder):
            self.folder.mkdir(mode=0o700)
            self._lock = os.open(self.folder / _LOCK, os.O_CREAT | os.O_RDWR, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def write(self, content: bytes, lines: int) -> Batch:
        """Keep a batch. Raises SpoolFullError, and OSError such as for a full disk."""
        if self._used() + len(content) > self._max_bytes:
            raise SpoolFullError
        file = self._next(lines)
        draft = file.with_suffix(".draft")
        try:
            descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(content)
            draft.rename(file)
        except OSError:
            draft.unlink(missing_ok=True)
            raise
        self._bytes += len(content)
        return Batch(lines, file=file)

    def adopt(self) -> Iterator[Batch]:
        """The batches that processes which are gone have left, oldest first; they are this process's from now on."""
        with _locked(self._root):
            for orphan in sorted(self._root.iterdir()):
                if orphan != self.folder and orphan.is_dir():
                    yield from self._adopt(orphan)

    def close(self) -> None:
        """Let go of the folder: whoever starts next adopts what is in it; it goes when nothing is."""
        with suppress(OSError):
            if not any(_NAME.fullmatch(file.name) for file in self.folder.iterdir()):
                _remove(self.folder)
        os.close(self._lock)

    def leave(self) -> None:
        """Give the folder up in a forked child, whose copy of the lock would outlive its parent."""
        os.close(self._lock)

    def _adopt(self, orphan: Path) -> Iterator[Batch]:
        try:
            lock = os.open(orphan / _LOCK, os.O_RDWR)
        except OSError:
            return
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for file in sorted(orphan.iterdir()):
                if match := _NAME.fullmatch(file.name):
                    lines = int(match[1])
                    yield Batch(lines, file=file.rename(self._next(lines)))
            _remove(orphan)
        except OSError:
            return
        finally:
            os.close(lock)

    def _next(self, lines: int) -> Path:
        self._number += 1
        return self.folder / f"{self._number:020}-{lines}.otlp.gz"

    def _used(self) -> int:
        """Bytes in the whole folder when it was last measured, and what this process has written since."""
        now = monotonic()
        if now >= self._measure_at:
            self._bytes = _size(self._root)
            self._measure_at = now + MEASURE_EVERY
        return self._bytes


def _size(root: Path) -> int:
    size = 0
    for file in root.glob("*/*.gz"):
        with suppress(OSError):  # sent meanwhile
            size += file.stat().st_size
    return size


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    """So that nobody adopts a subfolder that is only just being made."""
    lock = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _remove(folder: Path) -> None:
    for file in folder.iterdir():
        file.unlink(missing_ok=True)
    folder.rmdir()
