"""The memory of this process, and how much it may take."""

from contextlib import suppress
from pathlib import Path
from typing import Any, Final

LIMITS: Final = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def _psutil() -> Any:
    """The package, of the extra `stack`; None without it."""
    with suppress(ImportError):
        import psutil

        return psutil
    return None


class Memory:
    """In bytes, read anew at each question; None without psutil. `files` hold the limit of the control group."""

    def __init__(self, files: tuple[Path, ...] = LIMITS) -> None:
        self._files = files
        self._psutil = _psutil()
        self._process = self._psutil.Process() if self._psutil else None

    def used(self) -> int | None:
        return int(self._process.memory_info().rss) if self._process else None

    def limit(self) -> int | None:
        """The lower of the control group's limit and the machine's memory."""
        machine = [int(self._psutil.virtual_memory().total)] if self._psutil else []
        for file in self._files:
            with suppress(OSError, ValueError):
                # "max" where there is none
                return min([int(file.read_text(encoding="ascii")), *machine])
        return machine[0] if machine else None
