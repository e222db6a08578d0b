"""Passes a critical incident on to a second address when nobody acknowledges it in time.

The time counts from the first message about it. What nobody was sent (silenced, inhibited, in maintenance) is not
passed on, nor what Alertmanager keeps quiet by now.
"""

import json
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from prometheus_client import REGISTRY, CollectorRegistry

from ai_monitoring import durations
from ai_monitoring.incidents import alertmanager, escalation_message
from ai_monitoring.incidents.desk import Desk
from ai_monitoring.incidents.incident import Incident, Kind, Status
from ai_monitoring.incidents.links import Links
from ai_monitoring.metrics.instrument import instrument
from ai_monitoring.outbox import slack, smtp
from ai_monitoring.stack.errors import StackError

logger = logging.getLogger("ai_monitoring.incidents")

OUTCOMES = ("sent", "failed")
SLACK = "Slack"
"""What the log calls the second channel: its address is a secret."""

Ways = Mapping[str, Callable[[Incident], object]]


class Escalation:
    """Escalates what the log of `desk` has. `settings`: a JSON file of the launcher's settings, read each time; without
    ESCALATION_EMAIL_TO (and SMTP_HOST) or ESCALATION_SLACK_WEBHOOK_URL in it nothing is sent. Each way is told once;
    what one refuses is tried again at the next run.
    """

    def __init__(self, desk: Desk, settings: Path, registry: CollectorRegistry = REGISTRY) -> None:
        self._desk, self._settings = desk, settings
        self._counted = instrument("ai_monitoring_escalations_total", registry)
        for outcome in OUTCOMES:
            self._counted[outcome].inc(0)

    def run(self, now: float) -> None:
        """Pass on what is due at `now`, seconds since 1970. Raises OSError, ValueError or sqlite3.Error: try again."""
        configured = json.loads(self._settings.read_text(encoding="utf-8"))
        ways = _ways(configured)
        due = self._due(now - durations.read(configured["ESCALATE_AFTER"]).total_seconds(), ways) if ways else []
        quiet = alertmanager.suppressed(configured["ALERTMANAGER"]) if due else frozenset()
        for incident in due:
            for to in _left(incident, ways) if incident.fingerprint not in quiet else ():
                self._pass_on(incident, to, ways[to])

    def _due(self, before: float, ways: Ways) -> list[Incident]:
        """Those that nobody cares for, though people were told by then."""
        every = self._desk.log.incidents(status=[Status.OPEN], severity="critical", limit=-1)
        told = [(incident, _told(incident)) for incident in every if _left(incident, ways)]
        return [incident for incident, at in told if at is not None and at <= before]

    def _pass_on(self, incident: Incident, to: str, send: Callable[[Incident], object]) -> None:
        try:
            send(incident)
        except StackError as error:
            self._counted["failed"].inc()
            logger.error("Incident %d could not be passed on: %s %s", incident.id, error.problem, error.remedy)
            return
        self._counted["sent"].inc()
        self._desk.escalated(incident.id, to)


def _ways(configured: Mapping[str, Any]) -> Ways:
    """How to pass an incident on, by what the log calls it."""
    after, links = configured["ESCALATE_AFTER"], Links.read(configured)
    ways: dict[str, Callable[[Incident], object]] = {}
    if "ESCALATION_EMAIL_TO" in configured and "SMTP_HOST" in configured:
        ways[configured["ESCALATION_EMAIL_TO"]] = lambda incident: smtp.send(
            configured, escalation_message.email(incident, after, links), "ESCALATION_EMAIL_TO"
        )
    if "ESCALATION_SLACK_WEBHOOK_URL" in configured:
        ways[SLACK] = lambda incident: slack.post(
            configured["ESCALATION_SLACK_WEBHOOK_URL"], escalation_message.chat(incident, after, links)
        )
    return ways


def _told(incident: Incident) -> float | None:
    """When people were first sent a message about it."""
    return min((event.at for event in incident.events if event.kind is Kind.NOTIFIED), default=None)


def _left(incident: Incident, ways: Ways) -> list[str]:
    """The ways by which it has not been passed on."""
    done = {event.by for event in incident.events if event.kind is Kind.ESCALATED}
    return [to for to in ways if to not in done]
