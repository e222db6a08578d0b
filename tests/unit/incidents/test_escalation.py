"""Escalation through a real mail server; the clock is moved, never waited for."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from inboxes import PASSWORD, USER, Mailbox, Webhooks, webhooks
from prometheus_client import CollectorRegistry

from ai_monitoring.incidents.alert import Alert
from ai_monitoring.incidents.desk import Desk
from ai_monitoring.incidents.escalation import Escalation
from ai_monitoring.incidents.incident import Kind
from ai_monitoring.incidents.log import IncidentLog
from ai_monitoring.incidents.metrics import IncidentMetrics

from .conftest import LINKS, START, VIEWER

MakeAlert = Callable[..., Alert]
DUE = START + 30 * 60
SECOND = "second@example.org"
NOWHERE = "http://127.0.0.1:1"
"""An Alertmanager that does not answer."""
PATH = "/services/s3cret"


@pytest.fixture
def begin(log: IncidentLog, tmp_path: Path, post: Mailbox, registry: CollectorRegistry) -> Callable[..., Escalation]:
    """The service as it starts anew, on what the log has; a setting of None is not set."""

    def make(**more: str | None) -> Escalation:
        account = {"SMTP_USER": USER, "SMTP_PASSWORD": PASSWORD, "ALERT_EMAIL_TO": "first@example.org"}
        server = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(post.port)}
        watch = {"LINKS": LINKS, "ALERTMANAGER": NOWHERE}
        settings = {**account, **server, **watch, "ESCALATION_EMAIL_TO": SECOND, "ESCALATE_AFTER": "30m", **more}
        file = tmp_path / "settings.json"
        file.write_text(json.dumps({name: value for name, value in settings.items() if value is not None}))
        return Escalation(Desk(log, IncidentMetrics(CollectorRegistry())), file, registry=registry)

    return make


@pytest.fixture
def chat() -> Iterator[Webhooks]:
    with webhooks() as inbox:
        yield inbox


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
    assert f"What to do:  {VIEWER}/runbooks/service/ServiceDown\r\n" in mail.body("plain")
    assert f"Panel:       {VIEWER}/d/overview?&var-service=shop\r\n" in mail.body("plain")
    assert "Incident:    http://127.0.0.1:9095/incidents/1\r\n" in mail.body("plain")
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


def test_one_dead_mailbox_of_two_has_the_other_told_no_more_than_once(
    log: IncidentLog,
    alert: MakeAlert,
    begin: Callable[..., Escalation],
    post: Mailbox,
    registry: CollectorRegistry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    post.refused.add("gone@example.org")
    log.notified(alert(), "critical", START)
    escalation = begin(ESCALATION_EMAIL_TO=f"{SECOND}, gone@example.org")
    escalation.run(DUE)
    escalation.run(DUE + 60)
    assert [mail.to for mail in post.received] == [[SECOND]]
    assert counted(registry) == {"sent": 1, "failed": 0}
    assert "127.0.0.1 delivers nothing to gone@example.org. Correct ESCALATION_EMAIL_TO in .env." in caplog.text


def test_slack_is_told_too_each_once(
    log: IncidentLog,
    alert: MakeAlert,
    begin: Callable[..., Escalation],
    post: Mailbox,
    chat: Webhooks,
    registry: CollectorRegistry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    log.notified(alert(service="<!channel>"), "critical", START)
    address = f"http://127.0.0.1:{chat.port}{PATH}"
    chat.answers[PATH] = (500, "rollup_error")
    begin(ESCALATION_SLACK_WEBHOOK_URL=address).run(DUE)
    assert (len(post.received), counted(registry)) == (1, {"sent": 1, "failed": 1})
    chat.answers.clear()
    for later in (60, 120):
        begin(ESCALATION_SLACK_WEBHOOK_URL=address).run(DUE + later)
    assert (len(post.received), counted(registry)) == (1, {"sent": 2, "failed": 1})
    text = chat.posted[-1].text
    assert "*[ESCALATED] &lt;!channel&gt; ServiceDown: &lt;!channel&gt; has ServiceDown*" in text
    assert "ai-monitoring alerts acknowledge 1" in text
    assert len(chat.posted) == 2
    done = [event.by for event in log.incident(1).events if event.kind is Kind.ESCALATED]
    assert done == [SECOND, "Slack"]
    assert "s3cret" not in caplog.text


def test_slack_alone_needs_no_mail_server(
    log: IncidentLog, alert: MakeAlert, begin: Callable[..., Escalation], post: Mailbox, chat: Webhooks
) -> None:
    log.notified(alert(), "critical", START)
    address = f"http://127.0.0.1:{chat.port}{PATH}"
    begin(ESCALATION_SLACK_WEBHOOK_URL=address, ESCALATION_EMAIL_TO=None, SMTP_HOST=None).run(DUE)
    assert [one.path for one in chat.posted] == [PATH]
    assert post.received == []


def test_alertmanager_that_does_not_answer_holds_nothing_back(
    log: IncidentLog,
    alert: MakeAlert,
    begin: Callable[..., Escalation],
    post: Mailbox,
    caplog: pytest.LogCaptureFixture,
) -> None:
    log.notified(alert(), "critical", START)
    begin(ALERTMANAGER=NOWHERE).run(DUE)
    assert len(post.received) == 1
    assert "Alertmanager does not say what it keeps quiet" in caplog.text
