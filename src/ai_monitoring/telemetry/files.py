"""Rotating log files: 10 MB each, five kept."""

import fcntl
import logging
import os
from logging.handlers import RotatingFileHandler
from pathlib import Path

MAX_BYTES = 10_000_000
KEPT = 5
_MAX_PROCESSES = 64


class LogFile:
    """`<service>.log` in `folder`; a second process that logs there at the same time takes `<service>-2.log`, since two
    cannot rotate one file. Raises OSError where it cannot be written.
    """

    def __init__(self, folder: Path, service: str, max_bytes: int = MAX_BYTES, kept: int = KEPT) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path, self._lock = _claim(folder, service.replace("/", "_"))
        self._handler = _Handler(
            self.path, maxBytes=max_bytes, backupCount=kept, encoding="utf-8", errors="replace", delay=True
        )

    def write(self, lines: list[str]) -> None:
        for line in lines:
            self._handler.handle(logging.LogRecord("", logging.INFO, "", 0, line, None, None))

    def leave(self) -> None:
        """Give the file up in a forked process: it is the parent's."""
        os.close(self._lock)

    def close(self) -> None:
        self._handler.close()
        os.close(self._lock)


class _Handler(RotatingFileHandler):
    def format(self, record: logging.LogRecord) -> str:
        return str(record.msg)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """A full disk: the line is on standard output, too."""


def _claim(folder: Path, service: str) -> tuple[Path, int]:
    for number in range(1, _MAX_PROCESSES + 1):
        name = service if number == 1 else f"{service}-{number}"
        lock = os.open(folder / f".{name}.lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            continue
        return folder / f"{name}.log", lock
    raise OSError(f"{folder}: {_MAX_PROCESSES} processes write logs of {service} there already")
