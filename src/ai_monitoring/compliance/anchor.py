"""The signed head of the audit log outside of the log's own file, so that one that was cut short is found."""

import fcntl
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ai_monitoring.compliance.private import private_folder, replace


class Anchor:
    """The last signed head, in a file of its own; on another disk it survives the log's. Raises OSError."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def read(self) -> dict[str, Any] | None:
        """The head that is kept; None where there is none. Raises ValueError for what is no head."""
        try:
            content = json.loads(self.file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        if not isinstance(content, dict) or not isinstance(content.get("sequence"), int):
            raise ValueError(f"{self.file} holds no head of an audit log")
        return content

    def advance(self, head: Mapping[str, Any], follows: Callable[[Mapping[str, Any]], bool]) -> None:
        """Keep this head unless a later one is kept: processes may be overtaken. Raises ValueError where the log does
        not follow the one that is kept, which stays: it is what proves that something was cut off.
        """
        private_folder(self.file.parent)
        held = self.file.with_name(f"{self.file.name}.lock")
        held.touch(mode=0o600)
        with held.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            known = self.read()
            if known is not None and known["sequence"] >= head["sequence"]:
                return
            if known is not None and not follows(known):
                raise ValueError(f"the log holds no entry {known['sequence']} as the one that was written there")
            replace(self.file, json.dumps(head).encode())
