"""Lets a program that was built to find its files in one place find them in another."""

from pathlib import Path

ALERTMANAGER_FILES = "/usr/share/prometheus/alertmanager"
"""Where Debian's Alertmanager insists on finding its message templates; no option or variable moves it."""


def relocate_alertmanager(folder: Path) -> None:
    """Point an Alertmanager unpacked into `folder` at the templates unpacked with it.

    The path compiled into the program is replaced by one of the same length, relative to the folder's parent, where the
    program must then be started. Mount namespaces would do it too, but Ubuntu does not allow them to ordinary users.
    Nothing happens where there is no such program, or where it does not hold that path.
    """
    program = folder / "usr" / "bin" / "prometheus-alertmanager"
    if not program.exists():
        return
    link = folder / "am"
    link.unlink(missing_ok=True)
    link.symlink_to(ALERTMANAGER_FILES.removeprefix("/"))
    moved = f"{folder.name}/{link.name}".rjust(len(ALERTMANAGER_FILES) - 1, "/")
    _replace(program, ALERTMANAGER_FILES.encode(), f".{moved}".encode())


def _replace(program: Path, old: bytes, new: bytes) -> None:
    if len(old) != len(new):
        raise ValueError(f"{new!r} is not as long as {old!r}")
    content = program.read_bytes()
    if old not in content:
        return
    # Written beside and moved into place: a start that is cut off leaves the old program or the new one.
    copy = program.with_suffix(".relocated")
    copy.write_bytes(content.replace(old, new))
    copy.chmod(0o755)
    copy.replace(program)
