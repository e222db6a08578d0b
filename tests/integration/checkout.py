"""A copy of the project in a folder of its own, used as a newcomer uses a clone: by an ordinary user, on free ports."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from installing import uv
from waiting import lasting_ports

from ai_monitoring.stack import environment
from ai_monitoring.stack.settings import DEFAULT_PORTS
from ai_monitoring.stack.supervision import MARK

PROJECT = Path(__file__).resolve().parents[2]
NOBODY = 65534


class Checkout:
    """The copy at `root`, and its launcher."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.ports = dict(zip(DEFAULT_PORTS, lasting_ports(len(DEFAULT_PORTS)), strict=True))
        (root / ".env").write_text("".join(f"{name}={port}\n" for name, port in self.ports.items()), encoding="utf-8")
        self._user = _as_ordinary_user(root)

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run the launcher to its end, with no terminal."""
        process = self.begin(_python(), "start_monitoring.py", *arguments)
        try:
            output, errors = process.communicate(timeout=900)
        except BaseException:
            process.kill()
            process.wait()
            raise
        return subprocess.CompletedProcess(process.args, process.returncode, output, errors)

    def begin(self, *command: str) -> "subprocess.Popen[str]":
        """Start a command in the copy as the copy's user, with no terminal; what it writes is to be read."""
        return subprocess.Popen(
            # A shell has what it starts in the background ignore Ctrl-C, and these tests with it.
            ["env", "--default-signal=INT", *self._user, *command],
            cwd=self.root,
            env={name: value for name, value in os.environ.items() if name not in DEFAULT_PORTS}
            # No Docker: these tests are the local engine's, also where a developer's own would answer.
            | {"HOME": str(self.root), "DOCKER_HOST": "unix:///nowhere/docker.sock"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def status(self) -> dict[str, Any]:
        """What `status --json` says."""
        status = json.loads(self.run("status", "--json").stdout)
        assert isinstance(status, dict)
        return status

    def pids(self) -> dict[str, int]:
        """The process of each part."""
        return {part["name"]: part["pid"] for part in self.status()["parts"]}

    def log(self, name: str) -> str:
        """What a part has written."""
        return self.run("logs", name, "--lines", "1000").stdout

    def processes(self) -> list[str]:
        """Every process that belongs to this copy's stack."""
        found = psutil.process_iter(["cmdline", "environ", "status"])
        ours = [p.info for p in found if (p.info["environ"] or {}).get(MARK) == str(self.root / ".runtime")]
        return [" ".join(info["cmdline"]) for info in ours if info["status"] != psutil.STATUS_ZOMBIE]

    def edit(self, name: str, pattern: str, replacement: str) -> None:
        """Replace the first match in one of the copy's files, as a user's editor would."""
        file = self.root / name
        text, count = re.subn(pattern, replacement, file.read_text(encoding="utf-8"), count=1)
        assert count, f"{name} has no {pattern}"
        file.write_text(text, encoding="utf-8")


@contextmanager
def checkout(packages: str = "demo") -> Iterator[Checkout]:
    """A copy of what git tracks or would track, removed in the end together with whatever runs from it.

    `packages` is the set that its `.venv` holds; with none, or where uv cannot have them, the launcher installs them.
    """
    root = Path(tempfile.mkdtemp(prefix="ai-monitoring-"))
    try:
        copy_project(root)
        if packages:
            install(root, packages)
        copy = Checkout(root)
        give(root, NOBODY)
        try:
            yield copy
        finally:
            copy.run("stop")
        assert copy.processes() == []
    finally:
        shutil.rmtree(root)


def eventually(what: str, holds: Callable[[], Any], within: float) -> Any:
    """Wait until `holds()` is true, at most `within` seconds. Returns its value."""
    deadline = time.monotonic() + within
    while not (value := holds()):
        assert time.monotonic() < deadline, f"not within {within:.0f} s: {what}"
        time.sleep(2)
    return value


def copy_project(root: Path) -> None:
    """Copy what git tracks or would track into that folder."""
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    for name in filter(None, names.split("\0")):
        if (PROJECT / name).is_file():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / name, root / name)


def install(root: Path, packages: str) -> None:
    """Make the copy's `.venv` hold that set as the launcher would, but with uv, whose cache the copies share."""
    folder = root / ".venv"
    needed, sets = environment.SETS[packages]
    failed = uv(root, "venv", "--python", _python(), folder) or uv(
        root, "pip", "install", "--python", folder / "bin" / "python", *needed
    )
    if not failed:
        environment.note(root, sets)


def hasten_slo(root: Path) -> None:
    """Let Prometheus record objectives every 15 seconds not each minute or four: their panels wait for it."""
    rules = root / "prometheus" / "rules" / "slo.yml"
    text, count = re.subn(r"\binterval: [14]m\b", "interval: 15s", rules.read_text(encoding="utf-8"))
    assert count == 2
    rules.write_text(text, encoding="utf-8")


def give(root: Path, user: int) -> None:
    """Let that user own a folder and all in it, where the tests run as root; but no file that uv's cache shares."""
    if os.getuid() == 0:
        for path in (root, *root.rglob("*")):
            if path.is_dir() or path.lstat().st_nlink == 1:
                os.chown(path, user, user, follow_symlinks=False)


def _as_ordinary_user(root: Path) -> list[str]:
    """Where the tests run as root, as in a container, the launcher still runs as nobody in particular."""
    if os.getuid() != 0:
        return []
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--"]


def _python() -> str:
    """A Python that an ordinary user may run: root's own may lie in root's home."""
    return "/usr/bin/python3" if os.getuid() == 0 and Path("/usr/bin/python3.11").exists() else sys.executable
