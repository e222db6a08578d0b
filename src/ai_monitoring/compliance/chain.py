"""How audit entries hang together: each one's hash covers the hash before it and its own ciphertext."""

import hashlib
import json
from typing import Final, NamedTuple

GENESIS: Final = bytes(32)
"""What stands for the hash before the first entry."""


class Entry(NamedTuple):
    """A row of the audit log. `at` in microseconds since 1970; `key` names its key; `sealed`: nonce and ciphertext."""

    sequence: int
    at: int
    action: str
    id: str
    key: str
    sealed: bytes
    hash: bytes

    def hash_after(self, previous: bytes) -> bytes:
        """The SHA-256 that this entry has where `previous` is the hash before it."""
        return hashlib.sha256(previous + self.bound() + b"\0" + self.sealed).digest()

    def bound(self) -> bytes:
        """What stands in clear, and is bound to the ciphertext: neither can be given to another entry."""
        return json.dumps([self.sequence, self.at, self.action, self.id, self.key]).encode()
