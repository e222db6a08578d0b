"""A runbook's commands, taken from its code blocks and run as a reader would paste them."""

import json
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
_SECTION = re.compile(r"^## (\w+)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Command:
    """One line to paste, under its heading."""

    section: str
    text: str

    @property
    def is_query(self) -> bool:
        """Whether it asks Prometheus or Loki, and so answers with JSON."""
        return self.text.startswith("curl ") and "/api/v1/query" in self.text

    @property
    def looks_back(self) -> bool:
        """Whether it compares with an hour or a day ago, which a stack that has just been started cannot answer."""
        return bool(re.search(r"offset \d|\[\d+[hd]\]", self.text))


def commands(runbook: Path) -> list[Command]:
    """Its commands in order."""
    text = runbook.read_text(encoding="utf-8")
    return [
        Command(section, line)
        for section, body in _SECTION.findall(text)
        for block in _BLOCK.findall(body)
        for line in block.splitlines()
        if line.strip() and not line.startswith("#")
    ]


def run(command: Command, root: Path, ports: Mapping[str, int]) -> "subprocess.CompletedProcess[str]":
    """Run it in the project's folder, with the ports of `.env` taken up as docs/runbooks/README.md says."""
    return subprocess.run(
        ["bash", "-c", command.text],
        cwd=root,
        env={**os.environ, **{name: str(port) for name, port in ports.items()}},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def found(output: str) -> list[Any]:
    """What a query's answer holds. Raises ValueError for what is no answer."""
    answer = json.loads(output)
    if answer.get("status") != "success":
        raise ValueError(output)
    result: list[Any] = answer["data"]["result"]
    return result
