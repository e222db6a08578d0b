"""Whether the audit log is whole: nothing changed, removed, put elsewhere or cut off since it was written."""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from ai_monitoring.compliance.audit import COLUMNS, AuditLog
from ai_monitoring.compliance.chain import GENESIS, Entry
from ai_monitoring.compliance.signing import statement_of
from ai_monitoring.compliance.verdict import Verdict, keep

_PACE: Final = 1_000
"""Entries that are read at a time, between two pauses."""


class BrokenError(Exception):
    """The chain does not hold; which entry is the first."""

    def __init__(self, sequence: int | None, problem: str) -> None:
        super().__init__(problem)
        self.sequence = sequence


def verify(log: AuditLog, noted: str = "", pause: Callable[[], None] = lambda: None) -> Verdict:
    """Read the whole chain and keep the verdict beside it. `noted` is a head of before that was kept elsewhere; what
    that alone finds is not kept, since it may be mistyped.

    `pause` is called each thousand entries; what it raises ends this without a verdict. Raises sqlite3.Error and
    OSError for a log that cannot be read, and ValueError for a `noted` that says nothing of it.
    """
    verdict = _verdict(log, noted, pause)
    keep(log, _verdict(log, "", pause) if noted and not verdict.intact else verdict)
    return verdict


def _verdict(log: AuditLog, noted: str, pause: Callable[[], None]) -> Verdict:
    walk = _Walk(log, noted, pause)
    try:
        walk.check()
    except BrokenError as error:
        return Verdict(False, walk.entries, error.sequence, str(error), walk.head, time.time())
    return Verdict(True, walk.entries, None, "", walk.head, time.time())


class _Walk:
    def __init__(self, log: AuditLog, noted: str, pause: Callable[[], None]) -> None:
        self._log, self._noted, self._pause = log, noted, pause
        self.entries = 0
        self.head = ""
        self._end = (0, GENESIS)

    def check(self) -> None:
        # Before the log, which may only grow meanwhile.
        anchor = self._anchor()
        noted = _noted(self._noted)
        wanted = dict(point for point in (_point(anchor), noted) if point)
        while True:
            statements, entries = self._page()
            head = self._signed(statements, "head")
            checkpoint = self._signed(statements, "checkpoint") or {"sequence": 0, "hash": GENESIS.hex()}
            begin = _place(checkpoint)
            if begin[0] >= self._end[0]:  # at the beginning, and where retention has overtaken
                if noted and noted[0] <= begin[0]:
                    raise ValueError(f"the entries up to {begin[0]} are deleted by retention: note a newer head")
                self._end = begin
            self._follow(entries, wanted)
            if len(entries) < _PACE:
                break
            self._pause()
        self._ends(head, anchor, wanted)

    def _page(self) -> tuple[dict[str, str], list[Entry]]:
        """What is signed, and the next entries, at one moment."""
        query = f"SELECT {COLUMNS} FROM entry WHERE sequence >= ? ORDER BY sequence LIMIT ?"  # noqa: S608
        # At first from the very first on: one that stands before the beginning is found.
        start = self._end[0] + 1 if self.entries else -(2**63)
        with self._log.database.snapshot() as connection:
            statements = dict(connection.execute("SELECT kind, statement FROM signed"))
            return statements, [Entry._make(row) for row in connection.execute(query, (start, _PACE))]

    def _follow(self, entries: Iterable[Entry], wanted: Mapping[int, str]) -> None:
        sequence, previous = self._end
        for entry in entries:
            if entry.sequence != sequence + 1:
                raise BrokenError(sequence + 1, f"entries {sequence + 1} to {entry.sequence - 1} are missing")
            if _hash(entry, previous) != entry.hash:
                raise BrokenError(entry.sequence, f"entry {entry.sequence} is not what was written there")
            if wanted.get(entry.sequence, entry.hash.hex()) != entry.hash.hex():
                raise BrokenError(entry.sequence, f"entry {entry.sequence} is not the one that a kept head names")
            sequence, previous = entry.sequence, entry.hash
            self.head = f"{sequence}:{previous.hex()}"
            self.entries += 1
        self._end = sequence, previous

    def _ends(
        self, head: Mapping[str, Any] | None, anchor: Mapping[str, Any] | None, wanted: Mapping[int, str]
    ) -> None:
        sequence, digest = self._end
        furthest = max([*wanted, head["sequence"] if head else 0])
        if furthest > sequence:
            raise BrokenError(sequence + 1, f"entries {sequence + 1} to {furthest} were cut off")
        if head is None and self.entries:
            raise BrokenError(None, "the log has entries but no signed head")
        if head is not None and _place(head) != (sequence, digest):
            raise BrokenError(head["sequence"] + 1, f"no signed head covers what follows entry {head['sequence']}")
        if anchor is None and head is not None:
            raise BrokenError(None, f"the signed head {self._log.anchor.file} is missing")

    def _anchor(self) -> dict[str, Any] | None:
        try:
            anchor = self._log.anchor.read()
        except ValueError as error:
            raise BrokenError(None, str(error)) from error
        if anchor is not None and not self._log.signer.holds(anchor):
            raise BrokenError(None, f"the head {self._log.anchor.file} does not bear our signature")
        return anchor

    def _signed(self, statements: Mapping[str, str], kind: str) -> dict[str, Any] | None:
        if kind not in statements:
            return None
        statement = statement_of(statements[kind])
        if statement.get("kind") != kind or not self._log.signer.holds(statement):
            raise BrokenError(None, f"the log's {kind} does not bear our signature")
        return statement


def _hash(entry: Entry, previous: bytes) -> bytes:
    try:
        return entry.hash_after(previous)
    except TypeError:  # a column holds what we never write
        return b""


def _place(statement: Mapping[str, Any]) -> tuple[int, bytes]:
    return statement["sequence"], bytes.fromhex(statement["hash"])


def _point(head: Mapping[str, Any] | None) -> tuple[int, str] | None:
    return (head["sequence"], head["hash"]) if head else None


def _noted(text: str) -> tuple[int, str] | None:
    """A head as `audit verify` shows it. Raises ValueError."""
    sequence, _, digest = text.partition(":")
    if not text:
        return None
    if not sequence.isascii() or not sequence.isdigit() or len(digest) != 64:
        raise ValueError(f"{text!r} is no head such as 120:9f86…, a number and 64 hexadecimal digits")
    return int(sequence), digest.lower()
