"""What the receiver does with what comes in: the log first, then a line and the metrics for what is new."""

import logging
import sqlite3
from collections.abc import Callable, Sequence

from ai_monitoring.incidents.alert import Alert, iso
from ai_monitoring.incidents.incident import Event, Incident, Kind
from ai_monitoring.incidents.log import IncidentLog
from ai_monitoring.incidents.metrics import IncidentMetrics

logger = logging.getLogger("ai_monitoring.incidents")

UNHEARD_SECONDS = 3600.0
"""Alertmanager repeats what lasts every 15 minutes (alertmanager.yml); what it has not told for so long is over."""

_WORDS = {
    Kind.OPENED: "Incident opened",
    Kind.NOTIFIED: "People notified",
    Kind.ACKNOWLEDGED: "Incident acknowledged",
    Kind.ESCALATED: "Incident escalated",
    Kind.NOTE: "Incident noted",
    Kind.RESOLVED: "Incident resolved",
    Kind.END_NOTIFIED: "People notified of the end",
    Kind.REOPENED: "Incident reopened",
}


class Desk:
    """Takes alerts and people's actions to the log. Its methods block for a write; they raise what the log raises.

    `trouble` says why the last write failed; empty after one that did not.
    """

    def __init__(self, log: IncidentLog, metrics: IncidentMetrics) -> None:
        self.log = log
        self._metrics = metrics
        self.trouble = ""
        metrics.refresh(log)

    def receive(self, alert: Alert) -> None:
        """An alert as Alertmanager tells it, perhaps again."""
        self._metrics.received(alert)
        if alert.is_sign_of_life:
            logger.info("Sign of life: %s", alert.name, extra={"event": "sign_of_life", "alert": alert.name})
            return
        self._written(lambda: self.log.receive(alert))

    def notified(self, alert: Alert, channel: str) -> None:
        """Alertmanager has sent a message about the alert to `channel`."""
        self._written(lambda: self.log.notified(alert, channel))

    def acknowledge(self, number: int, by: str, note: str) -> None:
        self._written(lambda: self.log.acknowledge(number, by, note))

    def note(self, number: int, by: str, text: str) -> None:
        """Raises ValueError for an empty one, too."""
        if not text:
            raise ValueError("a note has a text")
        self._written(lambda: self.log.note(number, by, text))

    def escalated(self, number: int, to: str) -> None:
        self._written(lambda: self.log.escalated(number, to))

    def sweep(self, firing: Sequence[Alert], now: float) -> None:
        """Take in what Alertmanager says to be `firing` at `now`; end what nobody has reported for long."""
        self._written(lambda: self.log.still_fire(firing, now))
        self._written(lambda: self.log.lapse(now - UNHEARD_SECONDS, now))

    def _written(self, write: Callable[[], list[tuple[Incident, Event]]]) -> None:
        try:
            changes = write()
        except sqlite3.Error as error:
            self.trouble = f"the incident log cannot be written: {error}"
            self._metrics.failed()
            raise
        self.trouble = ""
        self._tell(changes)

    def _tell(self, changes: list[tuple[Incident, Event]]) -> None:
        for incident, event in changes:
            self._metrics.happened(incident, event)
            logger.info(_sentence(incident, event), extra=_attributes(incident, event))
        if changes:
            self._metrics.refresh(self.log)


def _sentence(incident: Incident, event: Event) -> str:
    of = f" of {incident.service}" if incident.service else ""
    return f"{_WORDS[event.kind]}: {incident.alert}{of} ({incident.severity})"


def _attributes(incident: Incident, event: Event) -> dict[str, str | int | float]:
    """What can be asked for in the logs. A note stays in the incident log: a person wrote it, about whatever.

    Not `severity`, which Loki would take for the line's own level: the end of a critical incident is no critical line.
    """
    known: dict[str, str | int | float | None] = {
        "event": event.kind.value,
        "incident": incident.id,
        "alert": incident.alert,
        "alert_severity": incident.severity,
        "service": incident.service,
        "started_at": iso(incident.started_at),
        "channel": event.by if event.kind in (Kind.NOTIFIED, Kind.END_NOTIFIED) else None,
        "duration_seconds": None if incident.duration is None else round(incident.duration, 1),
        "summary": incident.annotations.get("summary") if event.kind is Kind.OPENED else None,
    }
    return {name: value for name, value in known.items() if value is not None}
