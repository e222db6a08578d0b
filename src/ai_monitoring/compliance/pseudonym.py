"""The pseudonym of a user: a keyed digest that nobody makes without the key. The one place that makes them.

pseudonyms = Pseudonyms.load(folder)
pseudonyms.of("ada@example.org")        # subject-…
"""

import hmac
import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final, Self

from ai_monitoring.compliance.private import kept_key

VARIABLE: Final = "AI_MONITORING_PSEUDONYM_KEY"
FILE_VARIABLE: Final = "AI_MONITORING_PSEUDONYM_KEY_FILE"
FILE: Final = "pseudonym.key"
MARK: Final = "pseudonym.fingerprint"
"""Says which key a folder is used with, and not what it is."""
LEAST_BYTES: Final = 16
_PREFIX: Final = "subject-"
# 12 bytes that name the user and 4 that prove our key, a letter for each hexadecimal digit: without figures, so that no
# redaction takes it for a card or a phone.
_SHAPE = re.compile(r"subject-[a-p]{32}", re.ASCII)
_NAME_BYTES, _PROOF_BYTES = 12, 4
_FINGERPRINT_BYTES = 16
_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")


class Pseudonyms:
    """Makes pseudonyms under one key of at least 16 bytes, by HMAC-SHA-256. Raises ValueError for a shorter one.

    With the key anybody who knows a user's name can make its pseudonym: it stays personal data (GDPR, recital 26).
    """

    def __init__(self, key: bytes) -> None:
        if len(key) < LEAST_BYTES:
            raise ValueError(f"a pseudonym key has at least {LEAST_BYTES} bytes, this one has {len(key)}")
        self._key = key
        self._last: str | None = None
        """The pseudonym made last, which a request's other dimensions ask for again."""

    @classmethod
    def of_folder(cls, folder: Path) -> Self:
        """As `load`. Raises ValueError for another key than the folder was first used with: what it keeps of users
        would not be found under their names, and none is made then.
        """
        mark = folder / MARK
        other = ValueError(
            f"its users are known under another pseudonym key: set {VARIABLE} or {FILE_VARIABLE} as the services have"
            f" it. Where the key was changed for good, delete {mark}"
        )

        def make() -> bytes:
            if mark.exists():
                raise other
            return _made()

        pseudonyms = cls.load(folder, make)
        fingerprint = pseudonyms._digest(b"key", b"", _FINGERPRINT_BYTES).encode()
        if kept_key(mark, lambda: fingerprint) != fingerprint:
            raise other
        return pseudonyms

    @classmethod
    def load(cls, folder: Path | None = None, make: Callable[[], bytes] | None = None) -> Self:
        """With the key in AI_MONITORING_PSEUDONYM_KEY, else in the file that AI_MONITORING_PSEUDONYM_KEY_FILE names,
        else in `pseudonym.key` of `folder`; a file is made on first use, of what `make` returns.

        Without any of them, under a key that ends with this process. Raises OSError, and ValueError for a short key.
        """
        if said := os.environ.get(VARIABLE):
            return cls(said.encode("utf-8", "surrogateescape"))
        named = os.environ.get(FILE_VARIABLE)
        file = Path(named) if named else folder and folder / FILE
        if file is None:
            return cls(_made())
        return cls(kept_key(file, make or _made).strip())

    def of(self, user: str) -> str:
        """The user's pseudonym, `subject-` and 32 letters. A pseudonym of this key is its own."""
        if user is self._last or self.knows(user):
            return user
        name = self._digest(b"name", user.encode("utf-8", "surrogatepass"), _NAME_BYTES)
        self._last = made = f"{_PREFIX}{name}{self._proof(name)}"
        return made

    def knows(self, text: str) -> bool:
        """Whether it is a pseudonym made with this key: nobody else can give themselves another user's."""
        if not text.startswith(_PREFIX) or not is_pseudonym(text):
            return False
        name, proof = text[len(_PREFIX) : -8], text[-8:]
        return hmac.compare_digest(proof, self._proof(name))

    def _proof(self, name: str) -> str:
        return self._digest(b"proof", name.encode(), _PROOF_BYTES)

    def _digest(self, use: bytes, content: bytes, size: int) -> str:
        return hmac.digest(self._key, use + b"\0" + content, "sha256")[:size].hex().translate(_LETTERS)


def is_pseudonym(text: str) -> bool:
    """Whether it has the shape of one, whatever the key."""
    return _SHAPE.fullmatch(text) is not None


def _made() -> bytes:
    return secrets.token_hex(32).encode()
