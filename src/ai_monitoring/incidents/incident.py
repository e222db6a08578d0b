"""What the log knows of one incident: an alert from its first message to its end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ai_monitoring.incidents.alert import iso


class Status(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class Kind(StrEnum):
    """What can happen to an incident."""

    OPENED = "opened"
    NOTIFIED = "notified"
    ACKNOWLEDGED = "acknowledged"
    ESCALATED = "escalated"
    NOTE = "note"
    RESOLVED = "resolved"
    END_NOTIFIED = "end_notified"
    REOPENED = "reopened"


CHOICES: Mapping[str, Sequence[Status]] = {
    "open": (Status.OPEN, Status.ACKNOWLEDGED),
    "acknowledged": (Status.ACKNOWLEDGED,),
    "resolved": (Status.RESOLVED,),
    "all": (),
}
"""What people choose from: to them, open is all that is not over."""
SEVERITIES = ("critical", "warning", "info")
"""The worst first. A rule of a user's own may have others."""
_SENTENCES = {
    Kind.OPENED: "opened",
    Kind.NOTIFIED: "a message went to {by}",
    Kind.ACKNOWLEDGED: "acknowledged by {by}",
    Kind.ESCALATED: "passed on to {by}",
    Kind.NOTE: "{by}:",
    Kind.RESOLVED: "resolved",
    Kind.END_NOTIFIED: "its end was told to {by}",
    Kind.REOPENED: "reported again, so it was not over",
}


def sentence(kind: Kind, by: str) -> str:
    """What happened, as a person reads it; a note's text follows."""
    return _SENTENCES[kind].format(by=by or "somebody")


def rank(severity: str) -> int:
    """Sorts the worst first."""
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to an incident: `by` is a person, a channel or an address, `text` a note."""

    at: float
    kind: Kind
    by: str = ""
    text: str = ""

    @property
    def sentence(self) -> str:
        return sentence(self.kind, self.by)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One incident. Times in seconds since 1970: `started_at` is when the alert fired, `opened_at` when the log
    learnt of it.
    """

    id: int
    fingerprint: str
    started_at: float
    alert: str
    severity: str
    service: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    opened_at: float
    acknowledged_at: float | None = None
    acknowledged_by: str = ""
    resolved_at: float | None = None
    events: tuple[Event, ...] = field(default=())

    @property
    def status(self) -> Status:
        if self.resolved_at is not None:
            return Status.RESOLVED
        return Status.OPEN if self.acknowledged_at is None else Status.ACKNOWLEDGED

    @property
    def duration(self) -> float | None:
        """Seconds from its start to its end; None while it lasts."""
        return None if self.resolved_at is None else self.resolved_at - self.started_at

    def as_json(self) -> dict[str, Any]:
        """The incident as the API tells it, times as text."""
        return {
            "id": self.id,
            "status": self.status,
            "alert": self.alert,
            "severity": self.severity,
            "service": self.service,
            "summary": self.annotations.get("summary", ""),
            "runbook": self.annotations.get("runbook", ""),
            "started_at": iso(self.started_at),
            "opened_at": iso(self.opened_at),
            "acknowledged_at": None if self.acknowledged_at is None else iso(self.acknowledged_at),
            "acknowledged_by": self.acknowledged_by,
            "resolved_at": None if self.resolved_at is None else iso(self.resolved_at),
            "duration_seconds": None if self.duration is None else round(self.duration, 3),
            "fingerprint": self.fingerprint,
            "labels": dict(self.labels),
            "annotations": dict(self.annotations),
            "events": [{"at": iso(e.at), "event": e.kind, "by": e.by, "text": e.text} for e in self.events],
        }
