"""A digest: what was in force within a time, what it amounts to, and what is still open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from statistics import median

from ai_monitoring.incidents.incident import Incident
from ai_monitoring.incidents.schedule import Period


@dataclass(frozen=True, slots=True)
class Offender:
    """An alert of a service: how often it was in force, and for how many seconds of the digest's time in all."""

    alert: str
    service: str
    count: int
    seconds: float
    median: float
    latest: Incident

    @property
    def name(self) -> str:
        return f"{self.service} {self.alert}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """`incidents` are those in force between `start` and `end` (seconds since 1970), of every severity. A daily digest
    tells of warnings and severities of a user's own, as Alertmanager's routes do; a weekly one of info.
    """

    period: Period
    start: float
    end: float
    zone: tzinfo
    incidents: Sequence[Incident]

    @property
    def told(self) -> list[Incident]:
        """Those that it is about."""
        if self.period is Period.WEEKLY:
            return [incident for incident in self.incidents if incident.severity == "info"]
        return [incident for incident in self.incidents if incident.severity not in ("critical", "info", "none")]

    @property
    def is_sent(self) -> bool:
        """An empty day is nothing to be woken by; an empty week is told, as a sign of life."""
        return self.period is Period.WEEKLY or bool(self.told)

    @property
    def open(self) -> list[Incident]:
        """Those that were not over at its end."""
        return [one for one in self.told if one.resolved_at is None or one.resolved_at > self.end]

    @property
    def worst(self) -> list[Offender]:
        """By count, then by time."""
        groups: dict[tuple[str, str], list[Incident]] = {}
        for incident in self.told:
            groups.setdefault((incident.alert, incident.service), []).append(incident)
        found = [self._offender(*key, group) for key, group in groups.items()]
        return sorted(found, key=lambda one: (-one.count, -one.seconds, one.name))

    def _offender(self, alert: str, service: str, group: Sequence[Incident]) -> Offender:
        seconds = [self._within(incident) for incident in group]
        return Offender(alert, service, len(group), sum(seconds), median(seconds), group[0])

    def _within(self, incident: Incident) -> float:
        """Seconds of the digest's time that it was in force."""
        end = self.end if incident.resolved_at is None else min(self.end, incident.resolved_at)
        return max(0.0, end - max(self.start, incident.started_at))
