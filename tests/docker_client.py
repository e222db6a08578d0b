"""A fake `docker` program for the tests: it notes what it is asked, and answers from files."""

import json
import shlex
from pathlib import Path
from typing import Any

ABOUT = {
    "ServerVersion": "28.3.1",
    "OperatingSystem": "Debian GNU/Linux 13 (trixie)",
    "MemTotal": 8_000_000_000,
    "DockerRootDir": "/nowhere/docker",
    "SecurityOptions": ["name=seccomp,profile=builtin"],
}
SOCKET = "unix:///run/docker.sock"


class DockerClient:
    """Answers as the client of an engine that could carry the stack and runs nothing, until told otherwise."""

    def __init__(self, program: Path, folder: Path) -> None:
        self._program = program
        self._folder = folder
        self._cases: list[str] = []
        folder.mkdir()
        self.answers("*", status=1)
        self.engine()
        self.answers("compose version --short", "2.37.1")
        self.answers("context inspect *", SOCKET)
        for works in ("compose --ansi *", "image inspect *", "run --rm *", "pull *"):
            self.answers(works)
        self.services({})
        self.runs()

    def answers(self, pattern: str, text: str = "", *, error: str = "", status: int = 0, does: str = ":") -> None:
        """Answer so to arguments of this pattern of the shell's, whatever was said of it before."""
        number, says = len(self._cases), []
        for kind, content, end in (("out", text, ""), ("err", error, " >&2")):
            if content:
                (self._folder / f"{number}.{kind}").write_text(f"{content}\n", encoding="utf-8")
                says.append(f"cat {number}.{kind}{end}")
        escaped = pattern.replace(" ", "\\ ").replace("{", "\\{").replace("}", "\\}")
        self._cases.insert(0, f"  {escaped}) {'; '.join([*says, does])}; exit {status};;")
        lines = ["#!/bin/sh", "PATH=/usr/bin:/bin", f"cd {shlex.quote(str(self._folder))}", 'echo "$*" >> asked']
        self._program.write_text("\n".join([*lines, 'case "$*" in', *self._cases, "esac", ""]), encoding="utf-8")
        self._program.chmod(0o755)

    def engine(self, **about: Any) -> None:
        """Of this engine."""
        self.answers("info *", json.dumps(ABOUT | about))

    def services(self, services: dict[str, Any]) -> None:
        """What the Compose file has, as `docker compose config` tells it."""
        self.answers("compose * config --format json", json.dumps({"name": "ai-monitoring", "services": services}))

    def runs(self, *containers: dict[str, Any]) -> None:
        """These containers are there."""
        self._write("now", containers)
        self.answers("compose * ps --all --quiet", does="cat now.ids")
        self.answers("inspect --type container *", does="cat now.json")

    def brings_up(self, *containers: dict[str, Any], error: str = "", status: int = 0, does: str = ":") -> None:
        """After `docker compose up`, these containers are there."""
        self._write("then", containers)
        # Each file at once: somebody may be reading it.
        moved = "; ".join(f"cp then.{kind} next.{kind}; mv next.{kind} now.{kind}" for kind in ("json", "ids"))
        self.answers("compose * up *", error=error, status=status, does=f"{moved}; {does}")

    def asked(self, word: str = "") -> list[str]:
        """What it was asked, in order, with this word in it; of Compose's arguments, those behind the file."""
        file = self._folder / "asked"
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        every = [line.partition(" --profile demo ")[2] or line for line in lines]
        return [line for line in every if not word or word in line.split()]

    def _write(self, name: str, containers: tuple[dict[str, Any], ...]) -> None:
        identities = "".join(f"{content['Id']}\n" for content in containers)
        (self._folder / f"{name}.ids").write_text(identities, encoding="utf-8")
        (self._folder / f"{name}.json").write_text(json.dumps(containers), encoding="utf-8")
