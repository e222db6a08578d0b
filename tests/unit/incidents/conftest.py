from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from inboxes import Mailbox, mailbox
from prometheus_client import CollectorRegistry

from ai_monitoring.incidents.alert import Alert
from ai_monitoring.incidents.log import IncidentLog

START = 1_790_000_000.0
VIEWER = "http://127.0.0.1:3000"
LINKS = {
    "incidents": "http://127.0.0.1:9095/incidents/",
    "dashboards": f"{VIEWER}/d/",
    "runbooks": f"{VIEWER}/",
    "pages": True,
    "panels": [["alertname", "^LLMSlow", "llm-costs?viewPanel=panel-33"]],
}
"""What the launcher writes of addresses."""


@pytest.fixture
def log(tmp_path: Path) -> Iterator[IncidentLog]:
    log = IncidentLog(tmp_path / "incidents" / "incidents.db")
    yield log
    log.close()


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def post() -> Iterator[Mailbox]:
    with mailbox() as inbox:
        yield inbox


@pytest.fixture
def alert() -> Callable[..., Alert]:
    """An alert: `alert("ServiceDown", severity="critical", started_at=…, ended_at=…)`."""

    def make(name: str = "ServiceDown", severity: str = "critical", service: str = "shop", **values: Any) -> Alert:
        given = {
            "status": "firing" if values.get("ended_at") is None else "resolved",
            "labels": {"alertname": name, "severity": severity, "service": service},
            "annotations": {"summary": f"{service} has {name}", "runbook": f"docs/runbooks/service/{name}.md"},
            "fingerprint": f"{name}-{severity}-{service}",
            "started_at": START,
        }
        return Alert(**{**given, **values})

    return make
