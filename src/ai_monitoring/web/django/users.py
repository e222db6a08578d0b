"""Distinct users of a sliding window, counted over all worker processes, exactly, and without a database.

A worker notes each user once a slot (a fifteenth of the window) in memory and, with several workers, appends the
user's keyed hash to a file that all of them share. The page of metrics counts the distinct hashes.
"""

import os
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from time import time
from typing import Final

SLOTS: Final = 15
MAX_USERS: Final = 20_000
"""Users that one worker notes in one slot; the rest are not counted, so that memory and disk are bounded."""
HASH_BYTES: Final = 8


class SeenUsers:
    """The users seen by this process during the last `window` seconds (up to one slot more).

    `key` is that of the hash, of at most 64 bytes; `now` tells Unix time.
    """

    kept_slots = SLOTS

    def __init__(self, key: bytes, window: float, now: Callable[[], float] = time) -> None:
        self._key = key
        self._slot_seconds = window / SLOTS
        self._now = now
        self._slots: dict[int, set[bytes]] = {}

    def saw(self, user: object) -> None:
        """Note the user with this primary key."""
        slot = self._slot()
        known = self._slots.get(slot) or self._begin(slot)
        digest = blake2b(str(user).encode(), key=self._key, digest_size=HASH_BYTES).digest()
        if digest not in known and len(known) < MAX_USERS:
            known.add(digest)
            self._share(slot, digest)

    def count(self) -> int:
        """Distinct users in the window."""
        last = self._slot()
        return len(set().union(*map(self._seen_in, range(last - SLOTS, last + 1))))

    def _slot(self) -> int:
        return int(self._now() / self._slot_seconds)

    def _begin(self, slot: int) -> set[bytes]:
        for old in [number for number in list(self._slots) if number < slot - self.kept_slots]:
            self._slots.pop(old, None)
        return self._slots.setdefault(slot, set())

    def _share(self, slot: int, digest: bytes) -> None:
        """Nobody to share with."""

    def _seen_in(self, slot: int) -> set[bytes]:
        return self._slots.get(slot, set()).copy()


class SharedUsers(SeenUsers):
    """The users seen by all processes that share `folder`, one file a slot.

    Raises OSError where the folder cannot be written or read.
    """

    kept_slots = 0

    def __init__(self, key: bytes, window: float, folder: Path, now: Callable[[], float] = time) -> None:
        super().__init__(key, window, now)
        self._folder = folder

    def count(self) -> int:
        self._forget(self._slot() - SLOTS)
        return super().count()

    def _share(self, slot: int, digest: bytes) -> None:
        # One write of a few bytes to a file opened for appending: workers do not tear each other's.
        file = os.open(self._path(slot), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(file, digest)
        finally:
            os.close(file)

    def _seen_in(self, slot: int) -> set[bytes]:
        try:
            data = self._path(slot).read_bytes()
        except FileNotFoundError:
            return set()
        return {data[start : start + HASH_BYTES] for start in range(0, len(data) - HASH_BYTES + 1, HASH_BYTES)}

    def _path(self, slot: int) -> Path:
        return self._folder / f"ai_monitoring_users_{slot}.bin"

    def _forget(self, before: int) -> None:
        for path in self._folder.glob("ai_monitoring_users_*.bin"):
            number = path.stem.rpartition("_")[2]
            if number.isdigit() and int(number) < before:
                path.unlink(missing_ok=True)
