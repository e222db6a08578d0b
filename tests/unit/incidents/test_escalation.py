"""Escalation through a real mail server; the clock is moved, never waited for."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from inboxes import PASSWORD, USER, Mailbox
from prometheus_client import CollectorRegistry

from ai_monitoring.incidents.alert import Alert
from ai_monitoring.incidents.desk import Desk
from ai_monitoring.incidents.escalation import Escalation
from ai_monitoring.incidents.incident import Kind
from ai_monitoring.incidents.log import IncidentLog
from ai_monitoring.incidents.metrics import IncidentMetrics

from .conftest import START

MakeAlert = Callable[..., Alert]
DUE = START + 30 * 60
SECOND = "second@example.org"


@pytest.fixture
def begin(log: IncidentLog, tmp_path: Path, post: Mailbox, registry: CollectorRegistry) -> Callable[..., Escalation]:
    """The service as it starts anew, on what the log has; a setting of None is not set."""

    def make(**more: str | None) -> Escalation:
        account = {"SMTP_USER": USER, "SMTP_PASSWORD": PASSWORD, "ALERT_EMAIL_TO": "first@example.org"}
        server = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(post.port)}
        settings = {**account, **server, "ESCALATION_EMAIL_TO": SECOND, "ESCALATE_AFTER": "30m", **more}
        file = tmp_path / "settings.json"
        file.write_text(json.dumps({name: value for name, value in settings.items() if value is not None}))
        return Escalation(Desk(log, IncidentMetrics(CollectorRegistry())), file, registry=registry)

    return make


def counted(registry: CollectorRegistry) -> dict[str, float | None]:
    name = "ai_monitoring_escalations_total"
    return {outcome: registry.get_sample_value(name, {"outcome": outcome}) for outcome in ("sent", "failed")}


def test_what_nobody_acknowledges_is_passed_on_once(
    log: IncidentLog, alert: MakeAlert, begin: Callable[..., Escalation], post: Mailbox, registry: CollectorRegistry
) -> None:
    log.notified(alert(), "critical", START)
    escalation = begin()
    escalation.run(DUE - 1)
    assert post.received == []
    escalation.run(DUE)
    escalation.run(DUE + 60)
    begin().run(DUE + 120)
    [mail] = post.received
    assert mail.to == [SECOND]
    assert mail.subject == "[ESCALATED] shop ServiceDown: shop has ServiceDown"
    assert "within 30m of the first message" in mail.body("plain")
    assert "ai-monitoring alerts acknowledge 1" in mail.body("plain")
    last = log.incident(1).events[-1]
    assert (last.kind, last.by) == (Kind.ESCALATED, SECOND)
    assert counted(registry) == {"sent": 1, "failed": 0}


def test_what_is_none_of_it_is_not(
    log: IncidentLog, alert: MakeAlert, begin: Callable[..., Escalation], post: Mailbox
) -> None:
    log.notified(alert("Warned", "warning"), "warning", START)
    log.receive(alert("Silenced"), START)
    log.notified(alert("Over", ended_at=START + 60), "critical", START)
    log.notified(alert("Taken"), "critical", START)
    [taken] = log.incidents(alert="Taken")
    log.acknowledge(taken.id, "ana", now=START + 60)
    begin().run(DUE + 3600)
    assert post.received == []


@pytest.mark.parametrize("missing", ["ESCALATION_EMAIL_TO", "SMTP_HOST"])
def test_without_a_second_address_nothing_is_sent(
    log: IncidentLog, alert: MakeAlert, begin: Callable[..., Escalation], post: Mailbox, missing: str
) -> None:
    log.notified(alert(), "critical", START)
    begin(**{missing: None}).run(DUE)
    assert post.received == []


def test_the_time_is_as_set(
    log: IncidentLog, alert: MakeAlert, begin: Callable[..., Escalation], post: Mailbox
) -> None:
    log.notified(alert(), "critical", START)
    escalation = begin(ESCALATE_AFTER="2h")
    escalation.run(START + 7199)
    assert post.received == []
    escalation.run(START + 7200)
    assert len(post.received) == 1


def test_a_mail_server_that_refuses_is_tried_again(
    log: IncidentLog, alert: MakeAlert, begin: Callable[..., Escalation], post: Mailbox, registry: CollectorRegistry
) -> None:
    log.notified(alert(), "critical", START)
    begin(SMTP_PASSWORD="wrong").run(DUE)
    assert counted(registry) == {"sent": 0, "failed": 1}
    assert log.incident(1).events[-1].kind is Kind.NOTIFIED
    begin().run(DUE + 60)
    assert len(post.received) == 1
