"""Each native file passes the check of its own program, in both releases."""

import subprocess

import pytest
import yaml
from programs import SUITES, programs
from watch import ROOT

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


def run(command: list[str]) -> str:
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout
