"""What is deleted, as `.env` has it."""

import json
from collections.abc import Callable
from pathlib import Path

from ai_monitoring.incidents.alert import Alert
from ai_monitoring.incidents.log import IncidentLog
from ai_monitoring.incidents.retention import Retention
from ai_monitoring.incidents.schedule import DAY

from .conftest import START

MakeAlert = Callable[..., Alert]


def test_what_ended_too_long_ago_is_deleted(log: IncidentLog, alert: MakeAlert, tmp_path: Path) -> None:
    log.receive(alert("Over", ended_at=START + 60), START)
    log.receive(alert("Lasts"), START)
    file = tmp_path / "settings.json"
    file.write_text(json.dumps({"INCIDENTS_RETENTION_DAYS": "30"}))
    retention = Retention(log, file)
    retention.run(START + 60 + 30 * DAY)
    assert len(log.incidents()) == 2
    file.write_text(json.dumps({"INCIDENTS_RETENTION_DAYS": "29"}))
    retention.run(START + 60 + 30 * DAY)
    assert [incident.alert for incident in log.incidents()] == ["Lasts"]
