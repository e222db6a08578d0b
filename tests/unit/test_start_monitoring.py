"""The front door, run as a file: `python3 start_monitoring.py`."""

import ast
import runpy
import shutil
import socket
import subprocess
import sys
from collections import namedtuple
from contextlib import ExitStack
from pathlib import Path

import pytest

from ai_monitoring.stack.settings import DEFAULT_PORTS

ROOT = Path(__file__).parents[2]
FILE = ROOT / "start_monitoring.py"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The file in a folder of its own, with the launcher's code behind it."""
    package = Path("src", "ai_monitoring")
    shutil.copytree(
        ROOT / package / "stack", tmp_path / package / "stack", ignore=shutil.ignore_patterns("__pycache__")
    )
    files = (package / "__init__.py", package / "durations.py", Path("start_monitoring.py"), Path("pyproject.toml"))
    for file in files:
        shutil.copy2(ROOT / file, tmp_path / file)
    return tmp_path / "start_monitoring.py"


def run(file: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """With an interpreter that has no third-party package, from another folder."""
    command = [sys.executable, "-I", "-S", "-B", str(file), *arguments]
    # An empty PATH: whatever Docker this machine has is not asked.
    return subprocess.run(command, capture_output=True, text=True, cwd="/", env={"PATH": ""}, check=False)


def on_free_ports(file: Path) -> None:
    """Whatever else runs on this machine, no port of the watch is in use."""
    with ExitStack() as open_ones:
        probes = [open_ones.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in DEFAULT_PORTS]
        lines = [f"{name}={probe.getsockname()[1]}\n" for name, probe in zip(DEFAULT_PORTS, probes, strict=True)]
    (file.parent / ".env").write_text("".join(lines), encoding="utf-8")


def make_environment(file: Path, script: str) -> None:
    """A finished .venv whose Python does this."""
    python = file.parent / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    python.chmod(0o755)
    (file.parent / ".venv" / "ai-monitoring.json").write_text(f'{{"root": "{file.parent}"}}', encoding="utf-8")


def test_older_pythons_can_read_it() -> None:
    ast.parse(FILE.read_text(encoding="utf-8"), feature_version=(3, 7))


def test_older_python_is_turned_away_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    old = namedtuple("old", "major minor micro releaselevel serial")
    monkeypatch.setattr(sys, "version_info", old(3, 9, 2, "final", 0))
    with pytest.raises(SystemExit) as caught:
        runpy.run_path(str(FILE))
    first, second = str(caught.value.code).splitlines()
    assert first == "ai-monitoring needs Python 3.11 or newer; this is Python 3.9."
    assert "python3.11 start_monitoring.py" in second


def test_verbs_need_no_environment(copy: Path) -> None:
    result = run(copy, "status")
    assert (result.returncode, result.stderr) == (3, "")
    assert result.stdout == "Nothing is running. Start it: python3 start_monitoring.py\n"
    result = run(copy, "stop")
    assert (result.returncode, result.stdout, result.stderr) == (0, "Nothing was running.\n", "")
    assert not (copy.parent / ".venv").exists()


@pytest.mark.parametrize(
    ("settings", "arguments", "sentence"),
    [
        ("", ["--engine", "docker"], "Docker cannot be used"),
        ("PROMETHEUS_PORT=x\n", [], ".env line 1, PROMETHEUS_PORT: 'x' is not a port."),
    ],
)
def test_what_cannot_be_started_is_told_before_anything_is_made(
    copy: Path, settings: str, arguments: list[str], sentence: str
) -> None:
    (copy.parent / ".env").write_text(settings, encoding="utf-8")
    result = run(copy, *arguments)
    assert result.returncode == 1
    assert sentence in result.stderr
    assert not (copy.parent / ".venv").exists()


@pytest.mark.parametrize(("verb", "code"), [("status", 3), ("stop", 0)])
def test_where_containers_alone_ran_no_environment_is_needed(copy: Path, verb: str, code: int) -> None:
    (copy.parent / ".runtime").mkdir()
    result = run(copy, verb)
    assert (result.returncode, result.stderr) == (code, "")


@pytest.mark.parametrize("verb", ["status", "stop"])
def test_environment_that_is_gone_is_one_sentence(copy: Path, verb: str) -> None:
    (copy.parent / ".runtime").mkdir()
    (copy.parent / ".runtime" / "supervisord.conf").touch()
    result = run(copy, verb)
    assert result.returncode == 1
    assert result.stderr == (
        "\nThe Python environment .venv is missing, or was made in another place: there is no psutil.\n"
        "Make it again by a start: python3 start_monitoring.py\n"
    )


def test_finished_environment_takes_over(copy: Path) -> None:
    make_environment(copy, 'echo "$*"; exit 42')
    result = run(copy, "logs", "my part", "-n", "3")
    assert (result.returncode, result.stdout) == (42, f"-P {copy} logs my part -n 3\n")


@pytest.mark.parametrize("verb", ["status", "stop"])
def test_environment_of_a_moved_folder_still_serves_to_look_and_to_stop(copy: Path, verb: str) -> None:
    make_environment(copy, 'echo "$*"; exit 42')
    moved = copy.parent.rename(f"{copy.parent}-moved") / copy.name
    result = run(moved, verb)
    assert (result.returncode, result.stdout) == (42, f"-P {moved} {verb}\n")


def test_wrong_command_line_makes_nothing(copy: Path) -> None:
    assert run(copy, "--engine", "podman").returncode == 2
    assert not (copy.parent / ".venv").exists()


def test_ctrl_c_while_the_environment_is_made_is_no_traceback(copy: Path) -> None:
    environment = copy.parent / "src" / "ai_monitoring" / "stack" / "environment.py"
    with environment.open("a", encoding="utf-8") as stream:
        stream.write("\n\ndef _make(root):\n    raise KeyboardInterrupt\n")
    on_free_ports(copy)
    result = run(copy)
    assert (result.returncode, result.stderr) == (130, "\nInterrupted.\n")
    assert result.stdout.startswith("  failed  Making the Python environment .venv (")
