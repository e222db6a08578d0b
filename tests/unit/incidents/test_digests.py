"""Digests through a real mail server; the clock is moved, never waited for."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from inboxes import PASSWORD, USER, Mailbox
from prometheus_client import CollectorRegistry
from waiting import until

from ai_monitoring.incidents.alert import Alert
from ai_monitoring.incidents.desk import Desk
from ai_monitoring.incidents.digests import FIRST_RETRY, Digests
from ai_monitoring.incidents.log import IncidentLog
from ai_monitoring.incidents.metrics import IncidentMetrics
from ai_monitoring.incidents.receiver import receiver
from ai_monitoring.incidents.schedule import Period

from .conftest import LINKS, VIEWER

MakeAlert = Callable[..., Alert]
HOUR, DAY = 3600.0, 86_400.0
MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC).timestamp()
"""When both digests are due."""
TO = "team@example.org"


@pytest.fixture
def begin(log: IncidentLog, tmp_path: Path, post: Mailbox) -> Callable[..., Digests]:
    """The service as it starts anew, on what the log has."""

    def make(registry: CollectorRegistry | None = None, **more: str) -> Digests:
        settings: dict[str, object] = {
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(post.port),
            "SMTP_USER": USER,
            "SMTP_PASSWORD": PASSWORD,
            "ALERT_EMAIL_TO": TO,
            "DIGEST_TIME": "08:00",
            "DIGEST_TIME_ZONE": "UTC",
            "DIGEST_WEEKDAY": "monday",
            "LINKS": LINKS,
        }
        (tmp_path / "settings.json").write_text(json.dumps(settings | more))
        database = tmp_path / "incidents" / "incidents.db"
        return Digests(log, database, tmp_path / "settings.json", registry=registry or CollectorRegistry())

    return make


def test_daily_digest_tells_of_warnings(
    log: IncidentLog, alert: MakeAlert, begin: Callable[..., Digests], post: Mailbox
) -> None:
    begin().run(MONDAY + HOUR)
    start = MONDAY + 2 * HOUR
    for number in range(2):
        at = start + number * HOUR
        log.receive(alert("LLMSlow", "warning", started_at=at, ended_at=at + 600 * (1 + number)), at)
    log.receive(alert("Hot", "mine", "<b>", started_at=start), start)
    log.receive(alert("ServiceDown", "critical", started_at=start), start)
    log.receive(alert("Note", "info", started_at=start), start)
    digests = begin()
    digests.run(MONDAY + DAY - 1)
    assert post.received == []
    digests.run(MONDAY + DAY)
    [mail] = post.to(TO)
    assert mail.subject == "[DAILY] 3 warnings, 1 still open, most of shop LLMSlow"
    text, html = mail.body("plain"), mail.body("html")
    for body in (text, html):
        assert "1 critical, 1 info, 1 mine, 2 warning" in body
        assert f"{VIEWER}/runbooks/service/LLMSlow" in body
        assert "http://127.0.0.1:9095/incidents/3" in body
        assert "ServiceDown" not in body
        assert "From 2026-11-23 08:00 UTC to 2026-11-24 08:00 UTC" in body
    assert "2 times        30 min        15 min  shop LLMSlow" in text
    assert "<b> Hot, since 2026-11-23 10:00 UTC. <b> has Hot" in text
    assert "<b>" not in html
    assert "<td>30 min</td><td>15 min</td><td>shop LLMSlow</td>" in html
    assert f"Panel:    {VIEWER}/d/llm-costs?viewPanel=panel-33&var-service=shop" in text
    assert f'<a href="{VIEWER}/d/llm-costs?viewPanel=panel-33&amp;var-service=shop">Panel</a>' in html


def test_each_is_sent_once_however_often_the_service_starts(
    log: IncidentLog, alert: MakeAlert, begin: Callable[..., Digests], post: Mailbox
) -> None:
    begin().run(MONDAY + HOUR)
    log.receive(alert(severity="warning", started_at=MONDAY + HOUR), MONDAY + HOUR)
    for minutes in (0, 1, 2):
        begin().run(MONDAY + DAY + minutes * 60)
    assert len(post.received) == 1


def test_what_was_due_while_it_was_down_is_sent_with_all_that_time(
    log: IncidentLog, alert: MakeAlert, begin: Callable[..., Digests], post: Mailbox
) -> None:
    begin().run(MONDAY + HOUR)
    log.receive(alert(severity="warning", started_at=MONDAY + HOUR, ended_at=MONDAY + 2 * HOUR), MONDAY + HOUR)
    begin().run(MONDAY + 3 * DAY + 5 * HOUR)
    [mail] = post.received
    assert "From 2026-11-23 08:00 UTC to 2026-11-26 08:00 UTC: 1 warning." in mail.body("plain")


def test_empty_day_is_silent_and_empty_week_a_sign_of_life(
    begin: Callable[..., Digests], post: Mailbox, registry: CollectorRegistry
) -> None:
    digests = begin(registry)
    for day in range(8):
        digests.run(MONDAY + day * DAY + 60)
    [mail] = post.received
    assert mail.subject == "[WEEKLY] no info alerts"
    assert "no alert of any severity" in mail.body("plain")
    value = registry.get_sample_value
    assert value("ai_monitoring_digests_total", {"period": "daily", "outcome": "empty"}) == 7
    assert value("ai_monitoring_digests_total", {"period": "weekly", "outcome": "sent"}) == 1


def test_weekly_digest_tells_of_info(
    log: IncidentLog, alert: MakeAlert, begin: Callable[..., Digests], post: Mailbox
) -> None:
    begin().run(MONDAY)
    log.receive(alert("Note", "info", started_at=MONDAY + HOUR, ended_at=MONDAY + 2 * HOUR), MONDAY + HOUR)
    begin().run(MONDAY + 7 * DAY)
    [mail] = post.received
    assert mail.subject == "[WEEKLY] 1 info alert, most of shop Note"


def test_one_dead_mailbox_of_two_has_the_other_told_no_more_than_once(
    log: IncidentLog, alert: MakeAlert, begin: Callable[..., Digests], post: Mailbox
) -> None:
    post.refused.add("gone@example.org")
    digests = begin(ALERT_EMAIL_TO=f"{TO}, gone@example.org")
    digests.run(MONDAY + HOUR)
    log.receive(alert(severity="warning", started_at=MONDAY + HOUR), MONDAY + HOUR)
    digests.run(MONDAY + DAY)
    digests.run(MONDAY + DAY + FIRST_RETRY)
    assert [mail.to for mail in post.received] == [[TO]]


def test_refusal_is_tried_again_later_and_counted(
    log: IncidentLog,
    alert: MakeAlert,
    begin: Callable[..., Digests],
    post: Mailbox,
    registry: CollectorRegistry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    digests = begin(registry)
    digests.run(MONDAY + HOUR)
    log.receive(alert(severity="warning", started_at=MONDAY + HOUR), MONDAY + HOUR)
    post.refused.add(TO)
    due = MONDAY + DAY
    for seconds in (0, FIRST_RETRY - 1, FIRST_RETRY, 3 * FIRST_RETRY - 1):
        digests.run(due + seconds)
    failed = {"period": "daily", "outcome": "failed"}
    assert registry.get_sample_value("ai_monitoring_digests_total", failed) == 2
    assert "could not be sent" in caplog.text
    assert PASSWORD not in caplog.text
    post.refused.clear()
    digests.run(due + 3 * FIRST_RETRY)
    assert len(post.received) == 1


def test_without_a_mail_server_nothing_is_sent(begin: Callable[..., Digests], tmp_path: Path, post: Mailbox) -> None:
    digests = begin()
    (tmp_path / "settings.json").write_text("{}")
    digests.run(MONDAY)
    digests.run(MONDAY + 7 * DAY)
    assert post.received == []


def test_preview_is_what_would_be_sent_now_and_sends_nothing(
    log: IncidentLog, alert: MakeAlert, begin: Callable[..., Digests], post: Mailbox
) -> None:
    digests = begin()
    digests.run(MONDAY + HOUR)
    log.receive(alert("LLMSlow", "warning", started_at=MONDAY + 2 * HOUR), MONDAY + 2 * HOUR)
    made = digests.preview(Period.DAILY, MONDAY + 3 * HOUR)
    assert (made["sent"], made["subject"]) == (True, "[DAILY] 1 warning, 1 still open, most of shop LLMSlow")
    assert "From 2026-11-23 08:00 UTC to 2026-11-23 11:00 UTC: 1 warning." in made["text"]
    assert post.received == []
    digests.run(MONDAY + DAY)
    assert len(post.received) == 1, "the preview took nothing away"


@pytest.mark.parametrize(("period", "begins"), [(Period.DAILY, "22 11:00"), (Period.WEEKLY, "16 11:00")])
def test_preview_before_the_first_digest_is_of_a_day_or_a_week(
    begin: Callable[..., Digests], period: Period, begins: str
) -> None:
    made = begin().preview(period, MONDAY + 3 * HOUR)
    assert f"From 2026-11-{begins} UTC to 2026-11-23 11:00 UTC: no alert of any severity." in made["text"]
    assert made["sent"] is (period is Period.WEEKLY)


async def test_service_looks_after_them_while_it_runs(
    log: IncidentLog, begin: Callable[..., Digests], post: Mailbox, registry: CollectorRegistry
) -> None:
    digests = begin(registry)
    digests.run(datetime(2020, 1, 6, 8, tzinfo=UTC).timestamp())  # a week is over by any clock
    service = receiver(Desk(log, IncidentMetrics(registry)), registry, [digests])
    async with service.router.lifespan_context(service):
        await asyncio.to_thread(until, lambda: len(post.to(TO, "[WEEKLY]")) == 1)
