"""Statements that this house signs: heads and checkpoints of the audit log, receipts of erasure. Ed25519."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ai_monitoring.compliance.private import kept_key

FILE: Final = "signing.key"
_SIGNATURE, _PUBLIC = "signature", "public_key"


class Signer:
    """Signs with the key in `signing.key` of `folder`, made on first use. Raises OSError, and ValueError for no key."""

    def __init__(self, folder: Path) -> None:
        secret = kept_key(folder / FILE, lambda: Ed25519PrivateKey.generate().private_bytes_raw())
        self._private = Ed25519PrivateKey.from_private_bytes(secret)
        self.public = self._private.public_key().public_bytes_raw().hex()
        """The public key, 64 hexadecimal digits: who keeps it elsewhere can check without us."""

    def signed(self, statement: Mapping[str, Any]) -> dict[str, Any]:
        """The statement with `public_key` and `signature`, both hexadecimal."""
        whole = {**statement, _PUBLIC: self.public}
        return {**whole, _SIGNATURE: self._private.sign(_canonical(whole)).hex()}

    def holds(self, statement: Mapping[str, Any]) -> bool:
        """Whether this very key signed it, and nothing was changed since."""
        return statement.get(_PUBLIC) == self.public and is_signed(statement)


def is_signed(statement: Mapping[str, Any]) -> bool:
    """Whether the statement was signed with the key that it names; whose key that is, is for the reader to know."""
    whole = {name: value for name, value in statement.items() if name != _SIGNATURE}
    try:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(str(statement.get(_PUBLIC))))
        public.verify(bytes.fromhex(str(statement.get(_SIGNATURE))), _canonical(whole))
    except (InvalidSignature, ValueError):
        return False
    return True


def statement_of(text: Any) -> dict[str, Any]:
    """A signed statement as it is kept; empty where it is none."""
    try:
        content = json.loads(text)
    except (TypeError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _canonical(statement: Mapping[str, Any]) -> bytes:
    return json.dumps(statement, sort_keys=True, separators=(",", ":")).encode()
