"""Each native file passes the check of its own program, in both releases."""

import subprocess

import pytest
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
@pytest.mark.parametrize("labels", ["severity=critical service=shop", "severity=warning", "alertname=Watchdog"])
def test_every_alert_reaches_the_incident_receiver(labels: str, suite: str) -> None:
    amtool = str(programs(suite) / "amtool")
    config = "--config.file=alertmanager/alertmanager.yml"
    assert run([amtool, "config", "routes", "test", config, *labels.split()]).strip() == "incidents"


def run(command: list[str]) -> str:
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout
