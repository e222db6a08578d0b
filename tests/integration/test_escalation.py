"""Escalation beside the real Alertmanager of both releases: what somebody silenced there is not passed on."""

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from inboxes import Mailbox, Webhooks, mailbox, webhooks
from programs import SUITES, programs
from prometheus_client import CollectorRegistry
from test_notifications import project, raise_alert, run
from waiting import until

from ai_monitoring.incidents.alert import Alert
from ai_monitoring.incidents.desk import Desk
from ai_monitoring.incidents.escalation import Escalation
from ai_monitoring.incidents.incident import Status
from ai_monitoring.incidents.log import IncidentLog
from ai_monitoring.incidents.metrics import IncidentMetrics
from ai_monitoring.incidents.sweep import Sweep
from ai_monitoring.stack import runtime
from ai_monitoring.stack.http import get_json
from ai_monitoring.stack.settings import Settings, load

START = 1_790_000_000.0
DUE = START + 30 * 60
SECOND, SLACK = "second@example.org", "/escalation/s3cret"


@dataclass(frozen=True)
class Watch:
    """An Alertmanager with one critical alert, of which people were told at START."""

    suite: str
    address: str
    settings: Settings
    mail: Mailbox
    slack: Webhooks

    def amtool(self, *arguments: str) -> str:
        command = [str(programs(self.suite) / "amtool"), f"--alertmanager.url={self.address}", "silence", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def alert(self, state: str) -> str:
        """The alert's fingerprint, once Alertmanager says that it is in that state."""
        alerts: Callable[[], list[str]] = lambda: [  # noqa: E731
            one["fingerprint"]
            for one in get_json(f"{self.address}/api/v2/alerts", filter="alertname=Gone")
            if one["status"]["state"] == state
        ]
        return until(alerts, 30)[0]

    @property
    def told(self) -> tuple[int, int]:
        """How many e-mails and how many Slack messages the second line got."""
        return len(self.mail.to(SECOND)), len(self.slack.at(SLACK))


@pytest.mark.parametrize("suite", SUITES)
def test_what_is_silenced_afterwards_is_not_passed_on_until_it_is_not(suite: str, tmp_path: Path) -> None:
    with webhooks() as slack, mailbox() as mail:
        settings = project(tmp_path, slack, mail, suite, {})
        more = f"ESCALATION_EMAIL_TO={SECOND}\nESCALATION_SLACK_WEBHOOK_URL=http://127.0.0.1:{slack.port}{SLACK}\n"
        file = tmp_path / ".env"
        file.write_text(file.read_text(encoding="utf-8") + more, encoding="utf-8")
        settings = load(tmp_path, {})
        with run(suite, settings, "alertmanager"):
            address = f"http://127.0.0.1:{settings.ports['ALERTMANAGER_PORT']}"
            tell(Watch(suite, address, settings, mail, slack), tmp_path / "incidents.db")


def tell(watch: Watch, database: Path) -> None:
    """Silenced, let go, and then passed on to both."""
    raise_alert(watch.settings, alertname="Gone", service="shop", severity="critical")
    labels = {"alertname": "Gone", "service": "shop", "severity": "critical"}
    known = Alert(status="firing", labels=labels, annotations={}, fingerprint=watch.alert("active"), started_at=START)
    log = IncidentLog(database)
    log.notified(known, "critical", START)
    registry = CollectorRegistry()
    escalation = Escalation(Desk(log, IncidentMetrics(registry)), runtime.incidents_file(watch.settings), registry)

    silence = watch.amtool("add", "--duration=2h", "--comment=known", "alertname=Gone", "service=shop")
    watch.alert("suppressed")
    escalation.run(DUE)
    assert watch.told == (0, 0)
    lasts_though_silenced(watch, database.with_name("silenced.db"))

    watch.amtool("expire", silence)
    watch.alert("active")
    escalation.run(DUE)
    escalation.run(DUE)
    assert watch.told == (1, 1)
    log.close()


def lasts_though_silenced(watch: Watch, database: Path) -> None:
    """A log that nobody tells of it finds it, and does not take it to be over two hours later."""
    log = IncidentLog(database)
    sweep = Sweep(Desk(log, IncidentMetrics(CollectorRegistry())), runtime.incidents_file(watch.settings))
    for later in (0, 7200):
        sweep.run(time.time() + later)
    assert [(incident.alert, incident.status) for incident in log.incidents()] == [("Gone", Status.OPEN)]
    log.close()
