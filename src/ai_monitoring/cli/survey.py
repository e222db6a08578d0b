"""The readings of a time that is over, as Prometheus and the incident log have them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from string import Template
from typing import Any

from ai_monitoring.cli.prometheus import Prometheus, Sample
from ai_monitoring.cli.readings import DIMENSIONS, Reading
from ai_monitoring.cli.watch import Watch


@dataclass(frozen=True, slots=True)
class Found:
    """A reading, and the series that answered: none where nothing of the kind was recorded."""

    reading: Reading
    samples: Sequence[Sample]

    def as_json(self) -> list[dict[str, Any]]:
        return [{"labels": dict(one.labels), "value": one.value} for one in self.samples]


@dataclass(frozen=True, slots=True)
class Events:
    """What the incident log knows of the same time; of incidents, those in force within it."""

    open: int
    by_severity: Counter[str]
    deployments: list[dict[str, Any]]

    def as_json(self) -> dict[str, Any]:
        incidents = {"open": self.open, "total": self.by_severity.total(), "by_severity": dict(self.by_severity)}
        return {"incidents": incidents, "deployments": self.deployments}


def dimension(name: str, since: timedelta, prometheus: Prometheus) -> list[Found]:
    """The readings of one dimension. Raises StackError where Prometheus does not answer."""
    seconds = int(since.total_seconds())
    return [Found(reading, _samples(reading, seconds, prometheus)) for reading in DIMENSIONS[name]]


def _samples(reading: Reading, seconds: int, prometheus: Prometheus) -> list[Sample]:
    expr = Template(reading.expr).substitute(since=f"{seconds}s")
    if not reading.window:
        return prometheus.ask(expr)
    found = [one for one in prometheus.sums(expr, seconds, reading.window) if one.value > 0]
    return sorted(found, key=lambda one: -one.value)[: reading.most]


def events(since: timedelta, watch: Watch) -> Events:
    """Raises StackError where the incident log does not answer."""
    begin = datetime.now(UTC) - since
    incidents = watch.incidents({"since": begin.isoformat(), "limit": "10000"})
    return Events(
        open=sum(incident["status"] != "resolved" for incident in incidents),
        by_severity=Counter(incident["severity"] or "none" for incident in incidents),
        deployments=watch.deployments(begin),
    )
