import json
import subprocess
import sys
import xmlrpc.client
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from docker_client import DockerClient
from waiting import free_ports

from ai_monitoring import __version__
from ai_monitoring.stack import commands
from ai_monitoring.stack.commands import arguments, main
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.local import LocalEngine
from ai_monitoring.stack.part import Part
from ai_monitoring.stack.settings import Settings
from ai_monitoring.stack.status import Status

HEALTHY = Part(name="prometheus", title="Prometheus", command=(), port=9090, note="metrics")


@pytest.fixture(autouse=True)
def _own_folder(settings: Settings, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands work on the test's own folder, with an empty PATH."""
    monkeypatch.setattr("ai_monitoring.stack.settings.load", lambda: settings)


@pytest.fixture
def starts(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], list[bool]]:
    """Lets a start end so (parts, or an error); returns the list of the demos asked for."""

    def end(result: Any) -> list[bool]:
        asked: list[bool] = []

        def start(_: LocalEngine, *, demo: bool) -> list[Part]:
            asked.append(demo)
            if isinstance(result, BaseException):
                raise result
            return [result]

        monkeypatch.setattr(LocalEngine, "start", start)
        return asked

    return end


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "",
            {"verb": None, "demo": False, "engine": "auto", "dry_run": False, "yes": False, "makes_environment": True},
        ),
        ("--demo --engine local --yes", {"demo": True, "engine": "local", "yes": True, "makes_environment": True}),
        ("--engine docker", {"engine": "docker"}),
        ("--dry-run", {"dry_run": True, "makes_environment": False}),
        ("status", {"verb": "status", "json": False, "makes_environment": False}),
        ("status --json", {"json": True}),
        ("logs prometheus", {"verb": "logs", "name": "prometheus", "lines": 100, "follow": False}),
        ("logs -f -n 5 prometheus", {"lines": 5, "follow": True, "makes_environment": False}),
        ("logs prometheus --follow --lines 5", {"lines": 5, "follow": True}),
        ("stop", {"verb": "stop", "purge": False, "yes": False, "makes_environment": False}),
        ("stop --purge --yes", {"purge": True, "yes": True}),
        ("--yes stop --purge", {"purge": True, "yes": True}),
    ],
)
def test_arguments(line: str, expected: dict[str, object]) -> None:
    options = arguments(line.split())
    assert {name: getattr(options, name) for name in expected} == expected


@pytest.mark.parametrize("line", ["--engine podman", "restart", "logs", "logs x -n many", "status --purge", "--demoo"])
def test_wrong_command_line(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(line.split())
    assert caught.value.code == 2
    assert capsys.readouterr().err.startswith("usage: start_monitoring.py")


@pytest.mark.parametrize("line", ["--help", "status --help", "logs --help", "stop --help"])
def test_help(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(line.split())
    assert caught.value.code == 0
    assert "start_monitoring.py" in capsys.readouterr().out


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"ai-monitoring {__version__}\n"


def test_start_ends_with_the_addresses(starts: Callable[[Any], list[bool]], capsys: pytest.CaptureFixture[str]) -> None:
    asked = starts(HEALTHY)
    assert main(["--demo", "--engine", "local"]) == 0
    assert asked == [True]
    output = capsys.readouterr().out
    assert output.startswith(f"ai-monitoring {__version__}, local engine (as asked for)\n")
    assert "Everything is healthy after 0." in output
    assert "  Prometheus  http://127.0.0.1:9090  metrics\n" in output


def test_start_shows_what_is_odd_in_the_settings(
    starts: Callable[[Any], list[bool]],
    configured: Callable[[str], Settings],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    odd = configured("PROMETEUS_PORT=1\n")
    monkeypatch.setattr("ai_monitoring.stack.settings.load", lambda: odd)
    starts(HEALTHY)
    main([])
    assert ".env line 1: PROMETEUS_PORT is not a setting" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (StackError("It is broken.", "Mend it."), 1, "\nIt is broken.\nMend it.\n"),
        (
            KeyboardInterrupt(),
            130,
            "\nInterrupted; what this start had begun is stopped again.\n"
            "Look with: python3 start_monitoring.py status\n",
        ),
        (
            PermissionError(13, "Permission denied", "/x"),
            1,
            "\n/x: Permission denied.\nSet the rights or make room, then try again.\n",
        ),
        (
            OSError(28, "No space left"),
            1,
            "\n[Errno 28] No space left.\nSet the rights or make room, then try again.\n",
        ),
        (
            ModuleNotFoundError("no", name="psutil"),
            1,
            "\nThe Python environment .venv is missing, or was made in another place: there is no psutil.\n"
            "Make it again by a start: python3 start_monitoring.py\n",
        ),
        (
            xmlrpc.client.Fault(6, "SHUTDOWN_STATE"),
            1,
            "\nThe supervisor refuses: <Fault 6: 'SHUTDOWN_STATE'>.\n"
            "Another start or stop may be under way: try again.\n",
        ),
    ],
)
def test_start_that_fails_says_why_on_stderr(
    starts: Callable[[Any], list[bool]],
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    code: int,
    message: str,
) -> None:
    starts(error)
    assert main([]) == code
    assert capsys.readouterr().err == message


def test_broken_settings_are_one_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def load() -> None:
        raise StackError(".env line 3, PROMETHEUS_PORT: 'x' is not a port.", "Use a whole number.")

    monkeypatch.setattr("ai_monitoring.stack.settings.load", load)
    for line in ([], ["status"], ["stop"]):
        assert main(line) == 1
        assert capsys.readouterr().err == "\n.env line 3, PROMETHEUS_PORT: 'x' is not a port.\nUse a whole number.\n"


def test_docker_asked_for_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--engine", "docker"]) == 1
    assert capsys.readouterr().err.startswith("\nDocker cannot be used: there is no docker program on PATH.\n")


def test_dry_run_on_docker_changes_nothing(docker: DockerClient, capsys: pytest.CaptureFixture[str]) -> None:
    docker.services({"loki": {"image": "grafana/loki:3.7.6", "ports": [{"target": 3100, "published": "13100"}]}})
    assert main(["--dry-run"]) == 0
    output = capsys.readouterr().out
    assert output.startswith(f"ai-monitoring {__version__}, docker engine (Docker answers)\n")
    assert "\n  Loki, port 13100\n" in output
    assert not {line.split()[0] for line in docker.asked()} & {"up", "build", "pull", "run", "down"}


def test_start_says_why_it_is_not_docker(
    starts: Callable[[Any], list[bool]], docker: DockerClient, capsys: pytest.CaptureFixture[str]
) -> None:
    docker.engine(MemTotal=1_000_000_000)
    starts(HEALTHY)
    assert main([]) == 0
    assert "local engine (Docker cannot be used: its engine has 1.0 GB memory" in capsys.readouterr().out


@pytest.mark.parametrize(("health", "code"), [("healthy", 0), ("unhealthy", 1)])
def test_status_of_containers(
    configured: Callable[[str], Settings],
    monkeypatch: pytest.MonkeyPatch,
    docker: DockerClient,
    container: Callable[..., dict[str, Any]],
    capsys: pytest.CaptureFixture[str],
    health: str,
    code: int,
) -> None:
    docker.runs(container("loki", health=health))
    moved = configured(f"PROMETHEUS_PORT={free_ports(1)[0]}\n")  # not whatever runs on this machine
    monkeypatch.setattr("ai_monitoring.stack.settings.load", lambda: moved)
    assert main(["status", "--json"]) == code
    now = json.loads(capsys.readouterr().out)
    assert (now["engine"], now["running"], now["healthy"]) == ("docker", True, code == 0)
    assert [part["name"] for part in now["parts"]] == ["loki"]


@pytest.mark.parametrize(
    ("running", "healthy", "code"), [(True, True, 0), (True, False, 1), (False, False, commands.NOT_RUNNING)]
)
@pytest.mark.parametrize("line", [["status"], ["status", "--json"]])
def test_status_tells_by_its_exit_status(
    monkeypatch: pytest.MonkeyPatch, running: bool, healthy: bool, code: int, line: list[str]
) -> None:
    monkeypatch.setattr("ai_monitoring.stack.status.read", lambda _: Status("local", running, healthy))
    assert main(line) == code


def test_status_where_nothing_was_started(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status"]) == 3
    assert capsys.readouterr().out == "Nothing is running. Start it: python3 start_monitoring.py\n"


def test_dry_run_names_the_setting_that_moved_a_port(
    configured: Callable[[str], Settings], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    moved = configured("PROMETHEUS_PORT=19090\n")
    monkeypatch.setattr("ai_monitoring.stack.settings.load", lambda: moved)
    assert main(["--dry-run", "--demo"]) == 0
    output = capsys.readouterr().out
    assert "  Prometheus, port 19090\n" in output
    assert "--web.listen-address=127.0.0.1:19090" in output
    for title in ("Alertmanager", "Node exporter", "Blackbox exporter", "Incidents", "Django API", "Traffic"):
        assert f"\n  {title}" in output


def test_dry_run_tells_what_it_would_fetch(
    fake: Callable[[str, str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("prometheus", "alertmanager", "amtool", "node_exporter", "apt-get", "dpkg-deb"):
        fake(name, "exit 1")
    main(["--dry-run"])
    packages = "prometheus, prometheus-blackbox-exporter"
    assert f"Download:  {packages} from the system's package archive\n" in capsys.readouterr().out
    fake("promtool", "")
    fake("blackbox_exporter", "")
    main(["--dry-run"])
    assert "Download:  nothing\n" in capsys.readouterr().out


def test_dry_run_without_an_archive_tells_how_to_install(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--dry-run"]) == 0
    output = capsys.readouterr().out
    assert "Missing:   prometheus, prometheus-alertmanager," in output
    assert "https://prometheus.io/download/" in output


def test_dry_run_needs_no_package_and_changes_nothing(
    project: Path, front_door: Path, tree: Callable[[Path], dict[str, tuple[int, int]]]
) -> None:
    before = tree(project)
    # Without site-packages: as on a machine that has Python and nothing else.
    command = [sys.executable, "-I", "-S", "-B", str(front_door), "--dry-run", "--demo"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")
    assert f"Files:     {project}/.runtime\n" in result.stdout
    assert "Python:    .venv, with packages from the Python Package Index\n" in result.stdout
    assert "Prometheus, port 9090" in result.stdout
    assert tree(project) == before
