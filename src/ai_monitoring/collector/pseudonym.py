"""Users under pseudonyms: a keyed hash, so that nobody without the key can try out who it was."""

import logging
import os
import secrets
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Final

logger = logging.getLogger("ai_monitoring.collector")

_KEY: Final = "AI_MONITORING_PSEUDONYM_KEY"
_KEY_FILE: Final = "AI_MONITORING_PSEUDONYM_KEY_FILE"
_SHORTEST: Final = 16


def pseudonym(user: str) -> str:
    """24 hexadecimal digits, the same for a user as long as the key is the same."""
    return blake2b(user.encode("utf-8", "replace"), key=_key(), digest_size=12).hexdigest()


@cache
def _key() -> bytes:
    """Of AI_MONITORING_PSEUDONYM_KEY, else of the file that AI_MONITORING_PSEUDONYM_KEY_FILE names, else of
    ~/.local/state/ai-monitoring/pseudonym.key; a file is made at its first use. Where none can be, the key lasts as
    long as the process.
    """
    said = os.environ.get(_KEY, "")
    if len(said) >= _SHORTEST:
        return _fitting(said.encode())
    if said:
        logger.error("%s has fewer than %d characters and is not used", _KEY, _SHORTEST)
    try:
        return _fitting(_kept(_file()))
    except (OSError, RuntimeError) as error:
        logger.warning("Pseudonyms of users will change with the next start: no key file (%s)", type(error).__name__)
        return secrets.token_bytes(32)


def _file() -> Path:
    named = os.environ.get(_KEY_FILE)
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(named) if named else Path(state) / "ai-monitoring" / "pseudonym.key"


def _kept(file: Path) -> bytes:
    """The file's content; whoever comes first makes it, whole and for its owner alone."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = file.with_name(f"{file.name}.{os.getpid()}")
        draft.touch(mode=0o600, exist_ok=True)
        draft.write_text(secrets.token_hex(32), encoding="ascii")
        try:
            os.link(draft, file)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    content = file.read_bytes().strip()
    if len(content) < _SHORTEST:
        raise OSError(f"{file} holds no key")
    return content


def _fitting(key: bytes) -> bytes:
    """BLAKE2 takes 64 bytes at most."""
    return key if len(key) <= 64 else blake2b(key).digest()
