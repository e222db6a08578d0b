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
        ("severity=mine", "warning"),
        ("service=shop", "warning"),
        ("severity=info", "nobody"),
        ("alertname=Watchdog severity=none", "heartbeat"),
        ("audience=ml severity=critical", "ml,critical"),
        ("audience=ml severity=warning", "ml,warning"),
        ("audience=ml severity=info", "nobody"),
    ],
)
def test_an_alert_reaches_the_incident_log_and_the_receiver_of_its_severity(
    labels: str, receiver: str, suite: str
) -> None:
    amtool = str(programs(suite) / "amtool")
    config = "--config.file=alertmanager/alertmanager.yml"
    assert run([amtool, "config", "routes", "test", config, *labels.split()]).strip() == f"incidents,{receiver}"


def test_people_may_rest_during_maintenance_and_the_incident_log_may_not() -> None:
    config = yaml.safe_load((ROOT / "alertmanager" / "alertmanager.yml").read_text(encoding="utf-8"))
    muted = {route["receiver"] for route in config["route"]["routes"] if "mute_time_intervals" in route}
    assert muted == {"critical", "warning", "ml"}
    hooks = {receiver["name"]: receiver.get("webhook_configs", []) for receiver in config["receivers"]}
    assert [hook["url"] for hook in hooks["incidents"]] == ["http://incidents:9095/alertmanager"]


@pytest.mark.parametrize("suite", SUITES)
def test_maintenance_windows_of_the_file_are_valid_once_uncommented(suite: str, tmp_path: Path) -> None:
    text = (ROOT / "alertmanager" / "alertmanager.yml").read_text(encoding="utf-8")
    before, after = text.split("docs/notifications.md has more examples.\n")
    window, rest = after.split("\n\n", 1)
    file = tmp_path / "alertmanager.yml"
    file.write_text(f"{before}\n{window.replace('    # ', '    ')}\n\n{rest}", encoding="utf-8")
    run([str(programs(suite) / "amtool"), "check-config", str(file)])
    intervals = yaml.safe_load(file.read_text(encoding="utf-8"))["time_intervals"][0]["time_intervals"]
    assert [sorted(interval) for interval in intervals] == [["times", "weekdays"], ["days_of_month", "times"]]


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
