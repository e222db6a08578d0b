"""What is deleted, as `.env` has it."""

import json
from collections.abc import Callable
from pathlib import Path

from prometheus_client import CollectorRegistry

from ai_monitoring.incidents.alert import Alert
from ai_monitoring.incidents.log import IncidentLog
from ai_monitoring.incidents.retention import Retention
from ai_monitoring.incidents.schedule import DAY
from ai_monitoring.steady_clock import SteadyClock

from .conftest import START

MakeAlert = Callable[..., Alert]


def test_what_ended_too_long_ago_is_deleted(log: IncidentLog, alert: MakeAlert, tmp_path: Path) -> None:
    log.receive(alert("Over", ended_at=START + 60), START)
    log.receive(alert("Lasts"), START)
    file = tmp_path / "settings.json"
    file.write_text(json.dumps({"INCIDENTS_RETENTION_DAYS": "30"}))
    retention = Retention(log, file, SteadyClock(tmp_path / "clock.json", "incidents", CollectorRegistry()))
    retention.run(START + 60 + 30 * DAY)
    assert len(log.incidents()) == 2
    file.write_text(json.dumps({"INCIDENTS_RETENTION_DAYS": "29"}))
    retention.run(START + 60 + 30 * DAY)
    assert [incident.alert for incident in log.incidents()] == ["Lasts"]


def test_a_clock_that_leapt_deletes_nothing(log: IncidentLog, alert: MakeAlert, tmp_path: Path) -> None:
    log.receive(alert("Over", ended_at=START + 60), START)
    file = tmp_path / "settings.json"
    file.write_text(json.dumps({"INCIDENTS_RETENTION_DAYS": "30"}))
    retention = Retention(log, file, SteadyClock(tmp_path / "clock.json", "incidents", CollectorRegistry()))
    for now in (START + 60, START + 3650 * DAY, START + 120):
        retention.run(now)
    assert len(log.incidents()) == 1
