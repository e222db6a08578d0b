"""`ai-monitoring deployed` against the real incident receiver."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from asgi_apps import served
from prometheus_client import CollectorRegistry
from waiting import free_ports

from ai_monitoring.cli import main
from ai_monitoring.deployments.log import DeploymentLog
from ai_monitoring.incidents.desk import Desk
from ai_monitoring.incidents.log import IncidentLog
from ai_monitoring.incidents.metrics import IncidentMetrics
from ai_monitoring.incidents.receiver import receiver

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def log(tmp_path: Path) -> Iterator[DeploymentLog]:
    log = DeploymentLog(tmp_path / "deployments.db")
    yield log
    log.close()


@pytest.fixture
def run(
    log: DeploymentLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Run]:
    """Runs `ai-monitoring deployed …`: its exit status, and what it printed."""
    incidents, registry = IncidentLog(tmp_path / "incidents.db"), CollectorRegistry()

    def run(*arguments: str) -> tuple[int, str]:
        status = main(["deployed", *arguments])
        captured = capsys.readouterr()
        return status, captured.out + captured.err

    with served(receiver(Desk(incidents, IncidentMetrics(registry)), registry, deployments=log)) as address:
        monkeypatch.setenv("INCIDENTS_PORT", address.rpartition(":")[2])
        yield run
    incidents.close()


def test_a_deployment_is_noted(run: Run, log: DeploymentLog) -> None:
    status, output = run("1.4.2", "--service", "shop", "--status", "started")
    assert status == 0
    assert output.startswith("Noted: 1.4.2 of shop, started, 20")
    assert run("1.4.3")[1].startswith("Noted: 1.4.3 of all services, succeeded, 20")
    assert [(one.service, one.version, one.status) for one in log.latest(9)] == [
        ("all", "1.4.3", "succeeded"),
        ("shop", "1.4.2", "started"),
    ]


def test_for_programs(run: Run) -> None:
    told = json.loads(run("abc123", "--json")[1])
    assert (told["version"], told["service"], told["status"]) == ("abc123", "all", "succeeded")


def test_what_is_wrong_is_said(run: Run) -> None:
    status, output = run("x" * 101)
    assert status == 1
    assert "The incident log refuses: version" in output


def test_a_watch_that_does_not_run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("INCIDENTS_PORT", str(free_ports(1)[0]))
    assert main(["deployed", "1"]) == 1
    assert "The incident log does not answer." in capsys.readouterr().err
