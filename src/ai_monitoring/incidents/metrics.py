"""The incident log's own metrics."""

import time

from prometheus_client import REGISTRY, CollectorRegistry

from ai_monitoring.incidents.alert import STATUSES, Alert
from ai_monitoring.incidents.incident import SEVERITIES, Event, Incident, Kind, Status
from ai_monitoring.incidents.log import IncidentLog
from ai_monitoring.metrics.instrument import instrument


class IncidentMetrics:
    """Counts what comes in and what becomes of it. A severity of the user's own counts as `other`."""

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        self._received = instrument("ai_monitoring_alerts_received_total", registry)
        self._heartbeat = instrument("ai_monitoring_heartbeat_timestamp_seconds", registry)
        self._failed = instrument("ai_monitoring_incident_writes_failed_total", registry)
        self._opened = instrument("ai_monitoring_incidents_total", registry)
        self._open = instrument("ai_monitoring_incidents_open", registry)
        self._acknowledged = instrument("ai_monitoring_incident_acknowledge_seconds", registry)
        self._resolved = instrument("ai_monitoring_incident_duration_seconds", registry)
        self._failed[()].inc(0)
        for status in STATUSES:
            self._received[status].inc(0)
        for severity in (*SEVERITIES, "other"):
            self._opened[severity].inc(0)
            self._acknowledged.prepare(severity)
            self._resolved.prepare(severity)

    def received(self, alert: Alert) -> None:
        self._received[alert.status].inc()
        if alert.is_sign_of_life and alert.status == "firing":
            self._heartbeat[()].set(time.time())

    def failed(self) -> None:
        """The log could not be written."""
        self._failed[()].inc()

    def happened(self, incident: Incident, event: Event) -> None:
        severity = _known(incident.severity)
        if event.kind is Kind.OPENED:
            self._opened[severity].inc()
        elif event.kind is Kind.ACKNOWLEDGED:
            self._acknowledged[severity].observe(max(0.0, event.at - incident.started_at))
        elif event.kind is Kind.RESOLVED and incident.duration is not None:
            self._resolved[severity].observe(incident.duration)

    def refresh(self, log: IncidentLog) -> None:
        """Set what is open to what the log says now."""
        counts = {(severity, status): 0 for severity in (*SEVERITIES, "other") for status in _UNRESOLVED}
        for (severity, status), count in log.unresolved().items():
            counts[_known(severity), status] += count
        for key, count in counts.items():
            self._open[key].set(count)


_UNRESOLVED = (Status.OPEN, Status.ACKNOWLEDGED)


def _known(severity: str) -> str:
    return severity if severity in SEVERITIES else "other"
