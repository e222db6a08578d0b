"""The watch itself: deployments that it is told of, its own parts, the embedded backend."""

from ai_monitoring.metrics.declaration import Kind, Metric

INCIDENT_SECONDS = (60.0, 300.0, 900.0, 1800.0, 3600.0, 7200.0, 14400.0, 43200.0, 86400.0, 259200.0)

DEPLOYMENTS = (
    Metric(
        name="ai_deployment_timestamp_seconds",
        kind=Kind.GAUGE,
        help="When a version was last deployed, by status (started, succeeded, failed), in Unix time; the latest 100.",
        labels=("service", "version", "status"),
    ),
)

HOUSE = (
    Metric(
        name="ai_monitoring_exporter_up",
        kind=Kind.GAUGE,
        help="Whether an exporter could read all that it exposes: 1, or 0.",
        labels=("exporter",),
    ),
    Metric(
        name="ai_monitoring_retention_held",
        kind=Kind.GAUGE,
        help="1 while nothing is deleted for its age, as the clock leapt ahead, else 0; by store (audit, incidents).",
        labels=("store",),
    ),
    Metric(
        name="ai_monitoring_series_dropped_total",
        kind=Kind.COUNTER,
        help="Observations counted under 'other' because their metric had reached its cap of series.",
        labels=("metric",),
    ),
    Metric(
        name="ai_monitoring_instrumentation_errors_total",
        kind=Kind.COUNTER,
        help="Errors inside the instrumentation itself, kept away from the application, by component.",
        labels=("component",),
    ),
    Metric(
        name="ai_monitoring_log_records_shipped_total",
        kind=Kind.COUNTER,
        help="Log lines that the receiver has taken.",
    ),
    Metric(
        name="ai_monitoring_log_records_lost_total",
        kind=Kind.COUNTER,
        help="Log lines that will never arrive, by reason (queue_full, spool_full, rejected, shutdown, failed).",
        labels=("reason",),
    ),
    Metric(
        name="ai_monitoring_log_records_waiting",
        kind=Kind.GAUGE,
        help="Log lines that wait to be shipped, in memory and in the spool folder.",
    ),
    Metric(
        name="ai_monitoring_alerts_received_total",
        kind=Kind.COUNTER,
        help="Alerts that Alertmanager delivered to the incident receiver, by status (firing, resolved).",
        labels=("status",),
    ),
    Metric(
        name="ai_monitoring_incidents_total",
        kind=Kind.COUNTER,
        help="Incidents that were opened, by severity (critical, warning, info, other).",
        labels=("severity",),
    ),
    Metric(
        name="ai_monitoring_incident_writes_failed_total",
        kind=Kind.COUNTER,
        help="Alerts, actions of people and sweeps that the incident log could not write.",
    ),
    Metric(
        name="ai_monitoring_digests_total",
        kind=Kind.COUNTER,
        help="Digests by period (daily, weekly) and outcome: sent, empty (a day with nothing to tell), failed (a try).",
        labels=("period", "outcome"),
    ),
    Metric(
        name="ai_monitoring_escalations_total",
        kind=Kind.COUNTER,
        help="Incidents that nobody acknowledged, passed on to a second address or channel, by outcome (sent, failed).",
        labels=("outcome",),
    ),
    Metric(
        name="ai_monitoring_heartbeat_timestamp_seconds",
        kind=Kind.GAUGE,
        help="When the sign of life, Watchdog, last came to the incident log, about once an hour; 0 before the first.",
    ),
    Metric(
        name="ai_monitoring_incidents_open",
        kind=Kind.GAUGE,
        help="Incidents that are not over, by severity and status (open, acknowledged).",
        labels=("severity", "status"),
    ),
    Metric(
        name="ai_monitoring_incident_acknowledge_seconds",
        kind=Kind.HISTOGRAM,
        help="Time from an incident's start until somebody acknowledged it.",
        labels=("severity",),
        buckets=INCIDENT_SECONDS,
    ),
    Metric(
        name="ai_monitoring_incident_duration_seconds",
        kind=Kind.HISTOGRAM,
        help="Time from an incident's start to its end.",
        labels=("severity",),
        buckets=INCIDENT_SECONDS,
    ),
)

EMBEDDED = (
    Metric(
        name="ai_monitoring_embedded_stored_total",
        kind=Kind.COUNTER,
        help="Log lines and spans that the embedded backend has put on disk, by signal (logs, traces).",
        labels=("signal",),
    ),
    Metric(
        name="ai_monitoring_embedded_refused_total",
        kind=Kind.COUNTER,
        help="What the embedded backend did not take, by reason: requests, or lines of a request.",
        labels=("reason",),
    ),
    Metric(
        name="ai_monitoring_embedded_deleted_total",
        kind=Kind.COUNTER,
        help="Log lines and spans that the embedded backend deleted, since they were too old or room was needed.",
    ),
    Metric(
        name="ai_monitoring_embedded_store_bytes",
        kind=Kind.GAUGE,
        help="What log lines and traces take on disk.",
    ),
    Metric(
        name="ai_monitoring_embedded_store_limit_bytes",
        kind=Kind.GAUGE,
        help="What log lines and traces may take on disk; the oldest are deleted to stay below.",
    ),
    Metric(
        name="ai_monitoring_embedded_oldest_timestamp_seconds",
        kind=Kind.GAUGE,
        help="When the oldest log line or span was written; missing while there is none.",
    ),
)
