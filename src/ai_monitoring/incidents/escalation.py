"""Passes a critical incident on to a second address when nobody acknowledges it in time.

The time counts from the first message about it. What nobody was sent (silenced, inhibited, in maintenance) is not
passed on.
"""

import json
import logging
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from pathlib import Path

from prometheus_client import REGISTRY, CollectorRegistry

from ai_monitoring.incidents.alert import iso
from ai_monitoring.incidents.desk import Desk
from ai_monitoring.incidents.incident import Incident, Kind, Status
from ai_monitoring.metrics.instrument import instrument
from ai_monitoring.outbox import smtp
from ai_monitoring.stack.errors import StackError

logger = logging.getLogger("ai_monitoring.incidents")

OUTCOMES = ("sent", "failed")
_UNITS = {"m": 60.0, "h": 3600.0}

Send = Callable[[Mapping[str, str], EmailMessage, str], str]


class Escalation:
    """Escalates what the log of `desk` has. `settings`: a JSON file of the launcher's settings, read each time; without
    SMTP_HOST and ESCALATION_EMAIL_TO in it nothing is sent. What a mail server refuses is tried again at the next run.
    """

    def __init__(
        self, desk: Desk, settings: Path, send: Send = smtp.send, registry: CollectorRegistry = REGISTRY
    ) -> None:
        self._desk, self._settings, self._send = desk, settings, send
        self._counted = instrument("ai_monitoring_escalations_total", registry)
        for outcome in OUTCOMES:
            self._counted[outcome].inc(0)

    def run(self, now: float) -> None:
        """Pass on what is due at `now`, seconds since 1970. Raises OSError, ValueError or sqlite3.Error: try again."""
        configured = json.loads(self._settings.read_text(encoding="utf-8"))
        to = configured.get("ESCALATION_EMAIL_TO")
        if not to or "SMTP_HOST" not in configured:
            return
        after = _seconds(configured["ESCALATE_AFTER"])
        for incident in self._desk.log.incidents(status=[Status.OPEN], severity="critical", limit=-1):
            told = _told(incident)
            if told is not None and now >= told + after and not _passed_on(incident, to):
                self._pass_on(incident, to, configured)

    def _pass_on(self, incident: Incident, to: str, configured: Mapping[str, str]) -> None:
        try:
            self._send(configured, _message(incident, configured["ESCALATE_AFTER"]), "ESCALATION_EMAIL_TO")
        except StackError as error:
            self._counted["failed"].inc()
            logger.error("Incident %d could not be passed on: %s %s", incident.id, error.problem, error.remedy)
            return
        self._counted["sent"].inc()
        self._desk.escalated(incident.id, to)


def _told(incident: Incident) -> float | None:
    """When people were first sent a message about it."""
    return min((event.at for event in incident.events if event.kind is Kind.NOTIFIED), default=None)


def _passed_on(incident: Incident, to: str) -> bool:
    return any(event.kind is Kind.ESCALATED and event.by == to for event in incident.events)


def _seconds(text: str) -> float:
    """What `30m` or `2h` is in seconds."""
    return float(text[:-1]) * _UNITS[text[-1]]


def _message(incident: Incident, after: str) -> EmailMessage:
    message = EmailMessage()
    of = f"{incident.service} " if incident.service else ""
    summary = " ".join(incident.annotations.get("summary", "").split())
    message["Subject"] = f"[ESCALATED] {of}{incident.alert}: {summary}".rstrip(": ")
    lines = [
        f"Nobody has acknowledged this critical incident within {after} of the first message about it.",
        "",
        summary,
        incident.annotations.get("description", ""),
        f"Since:       {iso(incident.started_at)}",
        f"First step:  {incident.annotations.get('first_step', '')}",
        f"What to do:  {incident.annotations.get('runbook', '')}",
        "",
        f"Say that you take care of it:  ai-monitoring alerts acknowledge {incident.id}",
        f"See what happened:             ai-monitoring alerts show {incident.id}",
    ]
    message.set_content("\n".join(lines) + "\n")
    return message
