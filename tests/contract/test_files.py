"""Each native file passes the check of its own program, in both releases."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from programs import SUITES, programs
from watch import ROOT

from ai_monitoring.stack.rendering import on_loopback
from ai_monitoring.stack.settings import DEFAULT_PORTS

COMPOSE = "docker-compose-monitoring.yml"

CHECKS = {
    "prometheus": ("promtool", "check", "config", "prometheus/prometheus.yml"),
    "rules": (
        "promtool",
        "check",
        "rules",
        "--lint=all",
        "--lint-fatal",
        *(f"prometheus/rules/{file.name}" for file in sorted((ROOT / "prometheus" / "rules").glob("*.yml"))),
    ),
    "alertmanager": ("amtool", "check-config", "alertmanager/alertmanager.yml"),
}


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("check", CHECKS)
def test_a_file_passes_its_own_programs_check(check: str, suite: str) -> None:
    program, *arguments = CHECKS[check]
    run([str(programs(suite) / program), *arguments])


def test_blackbox_exporter_accepts_its_modules() -> None:
    program = programs("bookworm") / "prometheus-blackbox-exporter"
    run([str(program), "--config.file=blackbox/blackbox.yml", "--config.check"])


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        ("severity=critical service=shop", "critical"),
        ("severity=warning", "warning"),
        ("alertname=Watchdog", "incidents"),
    ],
)
def test_an_alert_reaches_the_receiver_of_its_severity(labels: str, receiver: str, suite: str) -> None:
    amtool = str(programs(suite) / "amtool")
    config = "--config.file=alertmanager/alertmanager.yml"
    assert run([amtool, "config", "routes", "test", config, *labels.split()]).strip() == receiver


def test_every_receiver_feeds_the_incident_log() -> None:
    config = yaml.safe_load((ROOT / "alertmanager" / "alertmanager.yml").read_text(encoding="utf-8"))
    for receiver in config["receivers"]:
        assert [hook["url"] for hook in receiver["webhook_configs"]] == ["http://incidents:9095/alertmanager"]


@pytest.mark.parametrize("suite", SUITES)
def test_prometheus_file_without_docker_is_valid(suite: str, tmp_path: Path) -> None:
    file = tmp_path / "prometheus.yml"
    moved = {name: port + 10000 for name, port in DEFAULT_PORTS.items()}
    file.write_text(on_loopback((ROOT / "prometheus" / "prometheus.yml").read_text("utf-8"), moved), encoding="utf-8")
    for folder in ("rules", "targets"):
        (tmp_path / folder).symlink_to(ROOT / "prometheus" / folder)
    run([str(programs(suite) / "promtool"), "check", "config", str(file)])


def test_compose_file_is_one_to_the_compose_specification() -> None:
    run([tool("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", COMPOSE])


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    run([tool("hadolint"), "--no-color", "deployment/docker/Dockerfile"])


def test_yamllint_finds_nothing() -> None:
    files = yaml_files()
    assert COMPOSE in files
    run([tool("yamllint"), "--strict", "--format=parsable", *files])


def tool(name: str) -> str:
    """A development tool of this environment."""
    return str(Path(sys.executable).parent / name)


def yaml_files() -> list[str]:
    """Every YAML file under version control, and those about to be."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.yml", "*.yaml"]
    listed = run(command).split()
    return [name for name in listed if (ROOT / name).exists()]


def run(command: list[str]) -> str:
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout
