"""The incident log beside an Alertmanager that answers as the real one does; the clock is moved, never waited for."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from asgi_apps import served
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ai_monitoring.incidents.alert import Alert
from ai_monitoring.incidents.desk import UNHEARD_SECONDS, Desk
from ai_monitoring.incidents.incident import Status
from ai_monitoring.incidents.log import IncidentLog
from ai_monitoring.incidents.metrics import IncidentMetrics
from ai_monitoring.incidents.sweep import Sweep

from .conftest import START

MakeAlert = Callable[..., Alert]
LATER = START + UNHEARD_SECONDS + 60
NOWHERE = "http://127.0.0.1:1"
SILENCED = {
    "annotations": {"summary": "shop has ServiceDown"},
    "endsAt": "2026-09-21T14:17:20.123Z",
    "fingerprint": "ServiceDown-critical-shop",
    "receivers": [{"name": "incidents"}, {"name": "critical"}],
    "startsAt": "2026-09-21T14:13:20.000Z",
    "status": {"inhibitedBy": [], "silencedBy": ["6c0d9d1c-6b4f-4a3e-8d3e-1f8e1c0f9a52"], "state": "suppressed"},
    "updatedAt": "2026-09-21T14:13:20.123Z",
    "labels": {"alertname": "ServiceDown", "service": "shop", "severity": "critical"},
}
"""What Alertmanager 0.25 says of the fixture's alert while it is silenced."""


@dataclass
class Alertmanager:
    address: str = ""
    alerts: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, _: Request) -> Response:
        return JSONResponse(self.alerts)


@pytest.fixture
def alertmanager() -> Iterator[Alertmanager]:
    stand_in = Alertmanager()
    with served(Starlette(routes=[Route("/api/v2/alerts", stand_in.answer)])) as stand_in.address:
        yield stand_in


@pytest.fixture
def begin(log: IncidentLog, tmp_path: Path) -> Callable[[str], Sweep]:
    def make(address: str) -> Sweep:
        file = tmp_path / "settings.json"
        file.write_text(json.dumps({"ALERTMANAGER": address}))
        return Sweep(Desk(log, IncidentMetrics(CollectorRegistry())), file)

    return make


def test_what_is_silenced_lasts_in_the_log_until_it_ends(
    log: IncidentLog, alert: MakeAlert, begin: Callable[[str], Sweep], alertmanager: Alertmanager
) -> None:
    log.receive(alert(), START)
    alertmanager.alerts = [SILENCED]
    sweep = begin(alertmanager.address)
    sweep.run(LATER)
    assert [incident.status for incident in log.incidents()] == [Status.OPEN]
    alertmanager.alerts = []
    sweep.run(LATER + UNHEARD_SECONDS)
    assert [incident.status for incident in log.incidents()] == [Status.OPEN], "it was heard of just then"
    sweep.run(LATER + UNHEARD_SECONDS + 1)
    assert [incident.status for incident in log.incidents()] == [Status.RESOLVED]


def test_what_begins_silenced_is_in_the_log_and_a_sign_of_life_is_not(
    log: IncidentLog, begin: Callable[[str], Sweep], alertmanager: Alertmanager
) -> None:
    alive = SILENCED | {"labels": {"alertname": "Watchdog", "severity": "none"}, "fingerprint": "w"}
    alertmanager.alerts = [alive, SILENCED | {"startsAt": "2026-09-21T14:13:20.250Z"}]
    begin(alertmanager.address).run(LATER)
    [incident] = log.incidents()
    assert (incident.alert, incident.started_at, incident.opened_at) == ("ServiceDown", START + 0.25, LATER)


def test_while_alertmanager_does_not_answer_nothing_ends(
    log: IncidentLog, alert: MakeAlert, begin: Callable[[str], Sweep], alertmanager: Alertmanager
) -> None:
    log.receive(alert(), START)
    begin(NOWHERE).run(LATER)
    alertmanager.alerts = [{"status": "no alert"}]
    begin(alertmanager.address).run(LATER)
    assert [incident.status for incident in log.incidents()] == [Status.OPEN]


def test_without_settings_what_does_not_come_in_ends(log: IncidentLog, alert: MakeAlert) -> None:
    log.receive(alert(), START)
    Sweep(Desk(log, IncidentMetrics(CollectorRegistry())), None).run(LATER)
    assert [incident.status for incident in log.incidents()] == [Status.RESOLVED]
