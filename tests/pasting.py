"""What runbooks have a reader paste into a shell, and whether it tells them something."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_BLOCK = re.compile(r"^```sh\n(# no answer .*\n)?(.*?)^```$", re.MULTILINE | re.DOTALL)
"""A block whose first line says `# no answer`, and when, may have nothing to tell."""


@dataclass(frozen=True)
class Pasted:
    """One line of a runbook's block."""

    text: str
    may_be_silent: bool = False

    @property
    def asks(self) -> bool:
        """Whether it asks a part of the watch by HTTP."""
        return self.text.startswith("curl ") and "http://127.0.0.1:${" in self.text

    def complaint(self, status: int, output: str) -> str:
        """What is wrong with how it ended and what it wrote; empty where nothing is."""
        if status:
            return f"it ended with {status}"
        told: Any = output.strip()
        if self.asks and self.text.endswith("python3 -m json.tool"):
            told = json.loads(output)
        if isinstance(told, dict) and "status" in told:
            if told["status"] != "success":
                return f"it was refused: {told.get('error')}"
            told = told["data"].get("result") or told["data"].get("activeTargets")
        return "" if told or self.may_be_silent else "it told nothing"


def pasted(runbook: Path) -> list[Pasted]:
    """Every line of every block of a runbook, in their order."""
    return [
        Pasted(line, bool(silent))
        for silent, block in _BLOCK.findall(runbook.read_text(encoding="utf-8"))
        for line in block.splitlines()
    ]
