import os
import shlex
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from supervisor import supervisord
from supervisor.options import ServerOptions

from ai_monitoring.stack import settings as settings_module
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.part import Part
from ai_monitoring.stack.supervision import MARK, Exit, Supervision

MakeProgram = Callable[[Path, str], Path]

# A supervisor's log as version 4.3 writes it, over two starts.
LOG = """\
2026-11-20 17:00:00,101 INFO supervisord started with pid 100
2026-11-20 17:00:01,000 WARN exited: prometheus (exit status 2; not expected)
2026-11-20 17:30:00,000 INFO waiting for prometheus to die
2026-11-20 18:00:00,101 INFO supervisord started with pid 200
2026-11-20 18:00:01,102 INFO spawned: 'node-exporter' with pid 201
2026-11-20 18:00:02,103 INFO success: node-exporter entered RUNNING state, process has stayed up for > than 1 seconds
2026-11-20 18:05:00,104 WARN exited: node-exporter (terminated by SIGKILL; not expected)
2026-11-20 18:05:01,105 INFO spawned: 'node-exporter' with pid 202
2026-11-20 18:06:00,106 INFO exited: node-exporter (exit status 0; expected)
2026-11-20 18:07:00,107 INFO stopped: alertmanager (terminated by SIGTERM)
2026-11-20 18:08:00,108 WARN exited: incidents (exit status 1; not expected)
"""


def waits(name: str, *arguments: str, **variables: str) -> Part:
    """A part that runs until it is told to end."""
    return Part(name=name, title=name.title(), command=("/bin/sleep", *(arguments or ("60",))), environment=variables)


def at(root: Path) -> Supervision:
    (root / ".runtime" / "logs").mkdir(parents=True)
    return Supervision(settings_module.load(root, {}))


def parsed(root: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What supervisor itself understands of the configuration."""
    monkeypatch.setattr(sys, "argv", ["supervisord"])
    options = ServerOptions()
    options.realize(["-c", str(root / ".runtime" / "supervisord.conf")], doc=supervisord.__doc__)
    return options


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder with a path as short as a user's; pytest's own are too long for a socket."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@pytest.mark.parametrize(
    "name", ["plain", "a b", "100%", "%(x)s", "my #1 project", "a ;b", "it's", 'say "so" now', "é,è"]
)
def test_configuration_says_what_was_meant_wherever_the_project_is(
    short: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    root = short / name
    runtime = root / ".runtime"
    command = (str(root / "program"), "-c", "echo 'it' \"is\" 50 % ; # $HOME", f"--file={root}")
    at(root).write([Part(name="a", title="A", command=command, environment={"X": str(root), "Y": "1"}), waits("b")])
    options = parsed(root, monkeypatch)
    assert (options.logfile, options.directory) == (str(runtime / "logs" / "supervisor.log"), str(runtime))
    assert options.server_configs[0]["file"] == str(runtime / "supervisor.sock")
    a, b = (process for group in options.process_group_configs for process in group.process_configs)
    assert tuple(shlex.split(a.command)) == command
    assert a.environment == {MARK: str(runtime), "X": str(root), "Y": "1"}
    assert b.environment == {MARK: str(runtime)}
    assert a.stdout_logfile == str(runtime / "logs" / "a.log")


def test_logs_are_bounded_and_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at(tmp_path).write([waits("a")])
    options = parsed(tmp_path, monkeypatch)
    [process] = options.process_group_configs[0].process_configs
    assert process.stdout_logfile_maxbytes * (process.stdout_logfile_backups + 1) <= 30 * 2**20
    assert options.logfile_maxbytes * (options.logfile_backups + 1) <= 20 * 2**20
    assert options.umask == 0o077
    assert options.server_configs[0]["chmod"] == 0o700
    assert process.redirect_stderr


def socket(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    at(root).write([waits("a")])
    return Path(parsed(root, monkeypatch).server_configs[0]["file"])


def test_socket_moves_where_its_path_would_be_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = socket(tmp_path / ("long" * 25) / "one", monkeypatch)
    other = socket(tmp_path / ("long" * 25) / "other", monkeypatch)
    assert one != other
    for path in (one, other):
        assert len(os.fsencode(path)) < 107
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        path.parent.rmdir()


def test_nothing_runs_at_first(tmp_path: Path) -> None:
    supervision = at(tmp_path)
    assert not supervision.running()
    assert supervision.exits() == {}


def test_exits_are_those_since_the_last_start(tmp_path: Path) -> None:
    supervision = at(tmp_path)
    (tmp_path / ".runtime" / "logs" / "supervisor.log").write_text(LOG, encoding="utf-8")
    assert supervision.exits() == {
        "node-exporter": [
            Exit("2026-11-20 18:05:00", "terminated by SIGKILL"),
            Exit("2026-11-20 18:06:00", "exit status 0"),
        ],
        "incidents": [Exit("2026-11-20 18:08:00", "exit status 1")],
    }


def test_supervisor_that_does_not_start_gives_its_reason(tmp_path: Path, make_program: MakeProgram) -> None:
    make_program(tmp_path / ".venv/bin/python", "echo Usage; echo 'Error: the disk is on fire' >&2; exit 2")
    supervision = at(tmp_path)
    supervision.write([waits("a")])
    with pytest.raises(StackError) as caught:
        supervision.start()
    assert caught.value.problem == "The supervisor did not start: Error: the disk is on fire"
    assert caught.value.remedy == f"See {tmp_path}/.runtime/supervisord.conf."


@pytest.fixture
def live(tmp_path: Path, make_program: MakeProgram) -> Iterator[Supervision]:
    """A real supervisor, not started yet; stopped in the end."""
    make_program(tmp_path / ".venv/bin/python", f'exec {sys.executable} "$@"')
    supervision = at(tmp_path)
    yield supervision
    if supervision.running():
        supervision.stop()


def eventually(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_supervisor_for_real(live: Supervision, tmp_path: Path) -> None:
    listens = Part(
        name="b", title="B", command=("/bin/sh", "-c", "trap 'echo again' HUP; while :; do sleep 0.05; done")
    )
    live.write([waits("a"), listens])
    live.start()
    assert live.running()
    assert set(live.processes()) == {"a", "b"}
    eventually(lambda: live.processes()["b"].state == "RUNNING")

    live.reload("b")
    log = tmp_path / ".runtime" / "logs" / "b.log"
    eventually(lambda: log.exists() and log.read_text(encoding="utf-8") == "again\n")
    unchanged = live.processes()["b"].pid

    live.write([waits("a", "61"), listens, waits("c")])
    assert sorted(live.update()) == ["a", "c"]
    assert live.processes()["b"].pid == unchanged
    assert live.exits() == {}

    os.kill(unchanged, 9)
    eventually(lambda: live.processes()["b"].pid not in (0, unchanged))
    assert [exit_.why for exit_ in live.exits()["b"]] == ["terminated by SIGKILL"]

    live.remove(["a", "c"])
    assert set(live.processes()) == {"b"}
    last = live.processes()["b"].pid
    live.stop()
    assert not live.running()
    assert not Path(f"/proc/{last}").exists()


def test_a_part_that_is_halted_stays_down_until_it_is_resumed(live: Supervision) -> None:
    live.write([waits("a")])
    live.start()
    eventually(lambda: live.processes()["a"].state == "RUNNING")
    live.halt("a")
    assert live.processes()["a"].state == "STOPPED"
    with pytest.raises(StackError, match="a cannot be stopped"):
        live.halt("a")
    live.resume("a")
    live.resume("a")  # somebody else was faster
    eventually(lambda: live.processes()["a"].state == "RUNNING")
