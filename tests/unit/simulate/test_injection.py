"""A condition in its real process: it ends by itself, by a signal, and with whoever asked for it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from waiting import until

from ai_monitoring.simulate import injection
from ai_monitoring.simulate.injection import INJECTED, Injection
from ai_monitoring.stack.errors import StackError

# The module's own `main`, with an incident that is a file, and an engine that is none.
SCRIPT = """
import sys
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from ai_monitoring.simulate import injection
from ai_monitoring.stack.errors import StackError

@contextmanager
def there(stage):
    if sys.argv[1] == "refused":
        raise StackError("There is no such oven.", "Build one.")
    file = Path(sys.argv[1])
    file.touch()
    try:
        yield
    finally:
        file.unlink()

injection.find = lambda name: SimpleNamespace(condition=there)
injection.running = lambda now, terminal: object()
sys.exit(injection.main("oven", float(sys.argv[2])))
"""


@contextmanager
def injected(file: Path | str, seconds: float = 60.0) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-c", SCRIPT, str(file), str(seconds)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def begun(process: "subprocess.Popen[str]") -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def test_it_ends_with_who_asked_for_it(tmp_path: Path) -> None:
    file = tmp_path / "there"
    with injected(file) as process:
        assert begun(process) == INJECTED
        assert file.exists()
        assert process.stdin
        process.stdin.close()
        assert process.wait(20) == 0
    assert not file.exists()


def test_sigterm_ends_it_and_ctrl_c_does_not(tmp_path: Path) -> None:
    file = tmp_path / "there"
    with injected(file) as process:
        begun(process)
        process.send_signal(signal.SIGINT)
        assert file.exists()
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert not file.exists()


def test_it_ends_by_itself_after_its_time(tmp_path: Path) -> None:
    file = tmp_path / "there"
    with injected(file, 0.01) as process:
        begun(process)
        assert process.wait(20) == 0
    assert not file.exists()


def test_a_condition_that_cannot_be_made_says_why_and_what_to_do() -> None:
    with injected("refused") as process:
        refusal = injection._refusal(begun(process))
        assert process.wait(20) == 1
    assert (refusal.problem, refusal.remedy) == ("There is no such oven.", "Build one.")


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Injection starts this script in the place of the module: its incidents are files."""
    python = tmp_path / "python"
    python.write_text(
        f"#!{sys.executable}\nimport os, sys\n"
        f"os.execv({sys.executable!r}, [{sys.executable!r}, '-c', {SCRIPT!r}, sys.argv[3], sys.argv[4]])\n"
    )
    python.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(python))
    return tmp_path / "there"


def test_whoever_asks_learns_when_it_is_there_and_waits_until_it_is_undone(stand_in: Path) -> None:
    with Injection(str(stand_in), 60.0) as there:
        there.begin()
        assert stand_in.exists()
        assert there.at > 0
    assert not stand_in.exists()


def test_a_terminals_ctrl_c_does_not_reach_it(stand_in: Path) -> None:
    with Injection(str(stand_in), 60.0) as there:
        there.begin()
        assert os.getsid(there._process.pid) == there._process.pid


def test_it_is_undone_where_the_rehearsal_fails(stand_in: Path) -> None:
    def rehearse() -> None:
        with Injection(str(stand_in), 60.0) as there:
            there.begin()
            raise KeyboardInterrupt

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        rehearse()
    assert not stand_in.exists()
    assert signal.getsignal(signal.SIGINT) is before


def test_a_refusal_is_told_to_whoever_asks(stand_in: Path) -> None:
    with pytest.raises(StackError, match="There is no such oven"), Injection("refused", 60.0) as there:
        there.begin()
    until(lambda: there._process.poll() == 1)


def test_a_process_that_says_nothing_is_a_failure_too() -> None:
    assert injection._refusal("").problem == "The condition could not be made."
