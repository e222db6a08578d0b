"""The project's own `.venv`, made on first use, also where the system's Python lacks ensurepip."""

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from ai_monitoring.stack import archive
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.notes import read_notes
from ai_monitoring.stack.terminal import Terminal

# What each set needs of pip, and which smaller sets it contains.
SETS = {
    "stack": (["-e", ".[collect,compliance]"], ["stack"]),
    "demo": (["-e", ".[collect,compliance,demo]"], ["stack", "demo"]),
    "dev": (["-e", ".", "--group", "dev", "--group", "bench"], ["stack", "demo", "dev"]),
}
_WHEEL_FOLDER = Path("/usr/share/python-wheels")


def python(root: Path) -> Path:
    """The interpreter of the project's environment, whether or not it exists yet."""
    return root / ".venv" / "bin" / "python"


def inside(root: Path) -> bool:
    """Whether this very process runs in the project's environment."""
    return Path(sys.prefix) == root / ".venv"


def made(root: Path) -> bool:
    """Whether `.venv` was made for this folder, to its end: a moved or half-made one would run other code, or none."""
    return python(root).exists() and read_notes(_stamp(root)).get("root") == str(root)


def prepare(root: Path, wanted: str, terminal: Terminal | None = None) -> bool:
    """Make `.venv` hold the packages of `wanted` (`stack`, `demo` or `dev`); at once when it already does.

    Prints its progress. Returns False, having said why and what to do, when that failed.
    """
    present = read_notes(_stamp(root))
    if made(root) and present.get("pyproject") == _fingerprint(root) and wanted in present.get("sets", []):
        return True
    terminal = terminal or Terminal()
    try:
        sets = [name for name in SETS if name in {*SETS[wanted][1], *present.get("sets", [])}]
        _stamp(root).unlink(missing_ok=True)
        with terminal.step("Making the Python environment .venv"):
            _make(root)
        with terminal.step("Installing Python packages (a minute or two on a first start)") as step:
            _install(root, SETS[sets[-1]][0])
            step.detail = f"{len(list((root / '.venv').glob('lib/python*/site-packages/*.dist-info')))} in .venv"
        note(root, sets)
    except StackError as error:
        terminal.line(f"\n{terminal.bad(error.problem)}\n{error.remedy}")
        return False
    except OSError as error:
        problem = f"{error.filename or root}: {error.strerror}."
        terminal.line(f"\n{terminal.bad(problem)}\nMake room or set the rights, then start again.")
        return False
    return True


def note(root: Path, sets: list[str]) -> None:
    """Note that `.venv` is made, to its end, and which sets it holds."""
    content = {"root": str(root), "pyproject": _fingerprint(root), "sets": sets}
    _stamp(root).write_text(json.dumps(content), encoding="utf-8")


def _fingerprint(root: Path) -> str:
    return hashlib.sha256((root / "pyproject.toml").read_bytes() + repr(SETS).encode()).hexdigest()


def _stamp(root: Path) -> Path:
    return root / ".venv" / "ai-monitoring.json"


def _make(root: Path) -> None:
    folder = root / ".venv"
    if python(root).exists() and _has_pip(root):
        return
    shutil.rmtree(folder, ignore_errors=True)
    with_pip = importlib.util.find_spec("ensurepip") is not None
    try:
        venv.EnvBuilder(with_pip=with_pip, symlinks=True).create(folder)
    except subprocess.CalledProcessError as error:
        output = (error.output or b"").decode(errors="replace")
        raise StackError(
            f"Python could not put pip into .venv: {(output.splitlines() or ['no reason given'])[-1]}.",
            f"See what it says: {sys.executable} -m venv {folder}",
        ) from error
    if not with_pip:
        with tempfile.TemporaryDirectory() as work:
            _pip(
                root,
                ["install", "--no-index", "--find-links", str(_pip_wheel(Path(work)).parent), "pip"],
                _pip_wheel(Path(work)),
            )


def _has_pip(root: Path) -> bool:
    command = [str(python(root)), "-c", "import pip"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _pip_wheel(work: Path) -> Path:
    """Debian's own pip wheel: on disk where python3-pip-whl is installed, else from the archive."""
    for folder in (_WHEEL_FOLDER, work / "pip" / _WHEEL_FOLDER.relative_to("/")):
        wheels = sorted(folder.glob("pip-*.whl"))
        if wheels:
            return wheels[-1]
    if not archive.available():
        raise StackError(
            "This Python has no ensurepip, so .venv cannot get pip.",
            "Install your system's python3-venv or python3-pip package.",
        )
    archive.fetch(["python3-pip-whl"], work / "pip")
    return _pip_wheel(work)


def _install(root: Path, what: list[str]) -> None:
    # An old pip knows no dependency groups and resolves some packages wrongly.
    _pip(root, ["install", "--upgrade", "pip>=25.1"])
    if "--group" not in what or not _by_uv(root, what):
        _pip(root, ["install", *what])


def _by_uv(root: Path, what: list[str]) -> bool:
    """Install what development needs with uv: many packages, and a cache for the tests. False where that fails."""
    _pip(root, ["install", "uv"])
    command = ["-m", "uv", "pip", "install", "--python", str(python(root)), *what, "--quiet"]
    # It trusts whom the machine trusts, as pip does.
    surroundings = {**os.environ, "UV_NATIVE_TLS": "1"}
    result = subprocess.run([str(python(root)), *command], cwd=root, env=surroundings, capture_output=True, check=False)
    return result.returncode == 0


def _pip(root: Path, arguments: list[str], wheel: Path | None = None) -> None:
    pip = ["-m", "pip"] if wheel is None else [str(wheel / "pip")]
    command = [str(python(root)), *pip, *arguments, "--quiet", "--disable-pip-version-check"]
    result = subprocess.run(command, cwd=root, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    if result.returncode != 0:
        raise _pip_error(result.stderr)


def _pip_error(output: str) -> StackError:
    errors = [line for line in output.splitlines() if line.startswith("ERROR:")] or output.splitlines()[-1:]
    reason = errors[0].removeprefix("ERROR: ").rstrip(".") if errors else "no reason given"
    if "No space left" in output:
        return StackError(f"pip ran out of disk space: {reason}.", "Free about 1 GB, then start again.")
    if re.search("No matching distribution|Connection|Failed to resolve", output):
        return StackError(
            f"pip could not fetch the Python packages: {reason}.",
            "Connect to the network for this first start (or set PIP_INDEX_URL to your own index), then start again.",
        )
    return StackError(
        f"pip failed: {reason}.",
        f"See what it says: {sys.executable} -m venv .venv && .venv/bin/pip install -e '.[embedded]'",
    )


if __name__ == "__main__":
    sys.exit(0 if prepare(Path.cwd(), sys.argv[1]) else 1)
