"""Files that only their owner can read: keys, made once by whichever process is first."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path


def private_folder(folder: Path) -> Path:
    """The folder, made for its owner alone unless it is there. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def kept_key(file: Path, make: Callable[[], bytes]) -> bytes:
    """The key in `file`, which is made, mode 0600, where there is none. Of several processes all get the same.

    Raises OSError for a file that cannot be read or that others could.
    """
    if not file.exists():
        _put(file, make())
    if file.stat().st_mode & 0o077:
        raise OSError(f"{file} can be read by others: chmod 600 {file}, and think of making a new one")
    return file.read_bytes()


def replace(file: Path, content: bytes) -> None:
    """Put `content` into `file`, mode 0600, all at once and on the disk. Raises OSError."""
    draft = _draft(file, content)
    draft.replace(file)
    _synchronise(file.parent)


def _put(file: Path, content: bytes) -> None:
    draft = _draft(file, content)
    try:
        # Unlike a rename, a link does not replace what another process was quicker to make.
        file.hardlink_to(draft)
    except FileExistsError:
        return
    finally:
        draft.unlink()
    _synchronise(file.parent)


def _draft(file: Path, content: bytes) -> Path:
    private_folder(file.parent)
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
    return draft


def _synchronise(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
