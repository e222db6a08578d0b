"""`stop` and `stop --purge`."""

import os
import pty
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from docker_client import DockerClient

from ai_monitoring.stack.commands import main
from ai_monitoring.stack.settings import Settings
from ai_monitoring.stack.supervision import MARK

Answer = Callable[[str], None]


@pytest.fixture(autouse=True)
def _own_folder(settings: Settings, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ai_monitoring.stack.settings.load", lambda: settings)


@pytest.fixture
def data(settings: Settings) -> Path:
    """A file of data in the runtime folder."""
    file = settings.runtime / "data" / "precious"
    file.parent.mkdir(parents=True)
    file.touch()
    return file


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Answer]:
    """Types this at the terminal that standard input is."""
    with ExitStack() as opened:

        def type_(text: str) -> None:
            person, program = pty.openpty()
            opened.callback(os.close, person)
            os.write(person, text.encode())
            monkeypatch.setattr("sys.stdin", opened.enter_context(os.fdopen(program)))

        yield type_


def test_nothing_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stop"]) == 0
    assert capsys.readouterr().out == "Nothing was running.\n"


def test_stop_keeps_the_data(data: Path) -> None:
    assert main(["stop"]) == 0
    assert data.exists()


def test_what_outlived_its_supervisor_is_ended(
    data: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    with subprocess.Popen(["/bin/sleep", "60"], env={MARK: str(settings.runtime)}) as process:
        try:
            assert main(["status"]) == 3
            told = "The supervisor has ended, but these still run: sleep. Start again, or stop.\n"
            assert capsys.readouterr().out == told
            assert main(["stop"]) == 0
            assert capsys.readouterr().out == "Stopped: sleep.\n"
            process.wait(timeout=10)
        finally:
            process.kill()


def test_processes_of_another_folder_are_left_alone(data: Path, tmp_path: Path) -> None:
    with subprocess.Popen(["/bin/sleep", "60"], env={MARK: str(tmp_path / "other" / ".runtime")}) as process:
        main(["stop"])
        assert process.poll() is None
        process.kill()


def test_demo_is_no_longer_declared(project: Path, data: Path) -> None:
    declared = project / "prometheus" / "targets" / "demo.yml"
    declared.touch()
    main(["stop"])
    assert not declared.exists()


@pytest.mark.parametrize("typed", ["y\n", "yes\n", " Y \n"])
def test_purge_asks_and_does(
    data: Path, settings: Settings, answer: Answer, capsys: pytest.CaptureFixture[str], typed: str
) -> None:
    answer(typed)
    assert main(["stop", "--purge"]) == 0
    output = capsys.readouterr().out
    assert f"Delete {settings.runtime}: all metrics, logs, secrets and downloaded programs? [y/N] " in output
    assert f"Deleted: {settings.runtime}.\n" in output
    assert not settings.runtime.exists()


@pytest.mark.parametrize("typed", ["\n", "n\n", "no way\n", "\x04"], ids=["enter", "n", "no", "ctrl-d"])
def test_purge_asks_and_leaves_it(data: Path, answer: Answer, capsys: pytest.CaptureFixture[str], typed: str) -> None:
    answer(typed)
    assert main(["stop", "--purge"]) == 1
    assert capsys.readouterr().err == "\nNothing was stopped or deleted.\nPlain `stop` keeps the data.\n"
    assert data.exists()


def test_purge_without_a_terminal_is_refused(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with open(os.devnull, encoding="utf-8") as nothing:  # noqa: PTH123  # as cron gives it
        monkeypatch.setattr("sys.stdin", nothing)
        assert main(["stop", "--purge"]) == 1
    assert capsys.readouterr().err.endswith("There is no terminal to ask on.\nAdd --yes if you mean it.\n")
    assert data.exists()


def test_purge_without_a_terminal_by_yes(data: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    assert main(["stop", "--purge", "--yes"]) == 0
    assert not settings.runtime.exists()


def test_purge_where_nothing_is_asks_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", None)
    assert main(["stop", "--purge"]) == 0
    assert "Deleted" not in capsys.readouterr().out


@pytest.fixture
def of_containers(docker: DockerClient, container: Callable[..., dict[str, Any]]) -> DockerClient:
    docker.runs(container("prometheus"), container("loki", Status="exited"))
    return docker


def test_containers_are_stopped(of_containers: DockerClient, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stop"]) == 0
    assert capsys.readouterr().out == "Stopped: prometheus, loki.\n"
    assert of_containers.asked("down") == ["down --remove-orphans"]


def test_purge_of_containers_names_their_volumes(
    of_containers: DockerClient, data: Path, settings: Settings, answer: Answer, capsys: pytest.CaptureFixture[str]
) -> None:
    answer("y\n")
    assert main(["stop", "--purge"]) == 0
    output = capsys.readouterr().out
    assert f"Delete {settings.runtime} and the containers' volumes and images: all metrics," in output
    assert f"Deleted: {settings.runtime} and the containers' volumes and images.\n" in output
    assert of_containers.asked("down") == ["down --remove-orphans --volumes --rmi local"]
    assert not settings.runtime.exists()


def test_purge_of_containers_that_is_refused_stops_nothing(of_containers: DockerClient, answer: Answer) -> None:
    answer("n\n")
    assert main(["stop", "--purge"]) == 1
    assert of_containers.asked("down") == []
