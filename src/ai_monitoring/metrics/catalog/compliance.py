"""What the law asks of AI requests."""

from ai_monitoring.metrics.declaration import Kind, Metric

COMPLIANCE = (
    Metric(
        name="ai_pii_detected_total",
        kind=Kind.COUNTER,
        help="Personal data sent to a provider (direction prompt) or received (answer); none that was redacted before.",
        labels=("type", "direction"),
    ),
    Metric(
        name="ai_requests_without_consent_total",
        kind=Kind.COUNTER,
        help="AI requests for a purpose that their user has not consented to.",
        labels=("purpose",),
        open_labels=("purpose",),
        max_series=50,
    ),
    Metric(
        name="ai_unapproved_model_requests_total",
        kind=Kind.COUNTER,
        help="AI requests to a model that is not on the list of approved ones.",
        labels=("model",),
        open_labels=("model",),
        max_series=100,
    ),
    Metric(
        name="ai_act_requests_total",
        kind=Kind.COUNTER,
        help="AI requests by risk category of the EU's AI Act (prohibited, high, limited, minimal).",
        labels=("category",),
    ),
    Metric(
        name="ai_audit_events_total",
        kind=Kind.COUNTER,
        help="Entries for the audit log (action assessed, pruned).",
        labels=("action",),
    ),
    Metric(
        name="ai_audit_events_lost_total",
        kind=Kind.COUNTER,
        help="Entries that the audit log did not take: too many waited, or they could not be written.",
    ),
    Metric(
        name="ai_audit_entries",
        kind=Kind.GAUGE,
        help="Entries in the audit log. Of the processes that share a log, one shows this and the next three.",
    ),
    Metric(
        name="ai_audit_oldest_entry_timestamp_seconds",
        kind=Kind.GAUGE,
        help="Unix time of the oldest entry in the audit log; 0 where there is none.",
    ),
    Metric(
        name="ai_audit_chain_broken",
        kind=Kind.GAUGE,
        help="1 where the last verification found the audit log changed, cut or not readable, else 0.",
    ),
    Metric(
        name="ai_erasures_pending",
        kind=Kind.GAUGE,
        help="Subjects whose erasure was asked for and is not complete.",
    ),
    Metric(
        name="ai_erasures_total",
        kind=Kind.COUNTER,
        help="Runs of the right to erasure by how they ended (complete, partial).",
        labels=("status",),
    ),
)
