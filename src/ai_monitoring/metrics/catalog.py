"""Every metric of the house, declared once.

Rules, dashboards, runbooks and docs/metrics.md may name only what stands here or what a pinned exporter exposes; a
contract test refuses any other name. A histogram's buckets contain every threshold that prometheus/rules/thresholds.yml
sets on it, so that a threshold is never interpolated.
"""

from ai_monitoring.metrics.declaration import Kind, Metric

WEB_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0)
QUERY_SECONDS = (0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0)
LLM_SECONDS = (0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0)
FIRST_TOKEN_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0)
STAGE_SECONDS = (0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0)
TOKENS_PER_SECOND = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 50.0, 75.0, 100.0, 150.0, 200.0, 500.0, 1000.0)
EVALUATOR_SECONDS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0)
CONFIDENCE = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
DOCUMENTS = (0.0, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0, 100.0)
INCIDENT_SECONDS = (60.0, 300.0, 900.0, 1800.0, 3600.0, 7200.0, 14400.0, 43200.0, 86400.0, 259200.0)
PREDICTION_SECONDS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 1.0, 2.0, 5.0, 10.0)
SESSION_SECONDS = (10.0, 30.0, 60.0, 300.0, 900.0, 1800.0, 3600.0, 7200.0)


def _web(prefix: str, framework: str) -> tuple[Metric, ...]:
    """The four request metrics that every web framework has in common."""
    return (
        Metric(
            name=f"{prefix}_requests_total",
            kind=Kind.COUNTER,
            help=f"Requests that {framework} answered, by method, route template and status code.",
            labels=("method", "endpoint", "status"),
            open_labels=("endpoint",),
        ),
        Metric(
            name=f"{prefix}_request_duration_seconds",
            kind=Kind.HISTOGRAM,
            help=f"Time of a request to {framework}, from its arrival to the last byte of its answer.",
            labels=("method", "endpoint"),
            open_labels=("endpoint",),
            buckets=WEB_SECONDS,
        ),
        Metric(
            name=f"{prefix}_requests_in_progress",
            kind=Kind.GAUGE,
            help=f"Requests that {framework} is answering now.",
        ),
        Metric(
            name=f"{prefix}_exceptions_total",
            kind=Kind.COUNTER,
            help=f"Exceptions that left the {framework} application unhandled, by route template and class.",
            labels=("endpoint", "exception"),
            open_labels=("endpoint", "exception"),
            max_series=200,
        ),
    )


DJANGO = (
    *_web("django", "Django"),
    Metric(
        name="django_auth_failures_total",
        kind=Kind.COUNTER,
        help="Requests to Django that failed authentication or authorisation, by reason.",
        labels=("reason",),
    ),
    Metric(
        name="django_intrusion_attempts_total",
        kind=Kind.COUNTER,
        help="Requests to Django that look like an attack, by kind.",
        labels=("kind",),
    ),
    Metric(
        name="django_sessions_active",
        kind=Kind.GAUGE,
        help="Sessions that have not expired in the session store; with JWT, users seen in the configured window.",
    ),
    Metric(
        name="django_db_connections_active",
        kind=Kind.GAUGE,
        help="Connections to the database in use, as the server or pool counts them.",
        labels=("alias",),
    ),
    Metric(
        name="django_db_connections_max",
        kind=Kind.GAUGE,
        help="Connections that the database server or pool allows.",
        labels=("alias",),
    ),
    Metric(
        name="django_db_query_duration_seconds",
        kind=Kind.HISTOGRAM,
        help="Time of one database query.",
        labels=("alias",),
        buckets=QUERY_SECONDS,
    ),
)

FASTAPI = (
    *_web("fastapi", "ASGI"),
    Metric(
        name="fastapi_auth_failures_total",
        kind=Kind.COUNTER,
        help="Requests to an ASGI service that failed authentication or authorisation, by reason.",
        labels=("reason",),
    ),
)

BETWEEN_SERVICES = (
    Metric(
        name="service_call_duration_seconds",
        kind=Kind.HISTOGRAM,
        help="Time of a call from one service to another, by outcome (ok, error, timeout).",
        labels=("caller", "callee", "outcome"),
        open_labels=("caller", "callee"),
        buckets=WEB_SECONDS,
        max_series=150,
    ),
)

STREAMLIT = (
    Metric(
        name="streamlit_page_load_seconds",
        kind=Kind.HISTOGRAM,
        help="Time of one script run of a Streamlit page, start to finish.",
        labels=("page",),
        open_labels=("page",),
        buckets=WEB_SECONDS,
        max_series=100,
    ),
    Metric(name="streamlit_sessions_active", kind=Kind.GAUGE, help="Streamlit sessions with a connected browser."),
    Metric(name="streamlit_websocket_connections", kind=Kind.GAUGE, help="WebSocket connections open to Streamlit."),
    Metric(
        name="streamlit_session_duration_seconds",
        kind=Kind.HISTOGRAM,
        help="Time from a Streamlit session's start to its end.",
        buckets=SESSION_SECONDS,
    ),
    Metric(
        name="streamlit_chat_messages_total",
        kind=Kind.COUNTER,
        help="Chat messages shown on Streamlit pages, by role.",
        labels=("role",),
        open_labels=("role",),
        max_series=10,
    ),
    Metric(
        name="streamlit_errors_total",
        kind=Kind.COUNTER,
        help="Exceptions that ended a Streamlit script run, by page and class.",
        labels=("page", "exception"),
        open_labels=("page", "exception"),
        max_series=200,
    ),
)

_MODEL = ("provider", "model")

LLM = (
    Metric(
        name="llm_requests_total",
        kind=Kind.COUNTER,
        help="Calls to a language model, by how they ended; a call that the client retried is one call.",
        labels=("provider", "model", "operation", "status"),
        open_labels=_MODEL,
    ),
    Metric(
        name="llm_request_duration_seconds",
        kind=Kind.HISTOGRAM,
        help="Time of a call to a language model, to the last token of its answer, retries included.",
        labels=("provider", "model", "operation"),
        open_labels=_MODEL,
        buckets=LLM_SECONDS,
        max_series=200,
    ),
    Metric(
        name="llm_time_to_first_token_seconds",
        kind=Kind.HISTOGRAM,
        help="Time from a streamed call to the first token of its answer.",
        labels=_MODEL,
        open_labels=_MODEL,
        buckets=FIRST_TOKEN_SECONDS,
        max_series=100,
    ),
    Metric(
        name="llm_output_tokens_per_second",
        kind=Kind.HISTOGRAM,
        help="Output tokens a second of a call: after the first token where it is streamed, else over its whole time.",
        labels=_MODEL,
        open_labels=_MODEL,
        buckets=TOKENS_PER_SECOND,
        max_series=100,
    ),
    Metric(
        name="llm_tokens_total",
        kind=Kind.COUNTER,
        help="Tokens by type; input holds cache_read and cache_write, output holds reasoning: input + output is all.",
        labels=("provider", "model", "type"),
        open_labels=_MODEL,
    ),
    Metric(
        name="llm_cost_total",
        kind=Kind.COUNTER,
        help="Cost of calls by list price or your own, in the configured currency.",
        labels=("provider", "model", "team", "project", "currency"),
        open_labels=("provider", "model", "team", "project"),
    ),
    Metric(
        name="llm_unpriced_requests_total",
        kind=Kind.COUNTER,
        help="Calls whose model has no known price: their cost is missing from llm_cost_total.",
        labels=_MODEL,
        open_labels=_MODEL,
        max_series=200,
    ),
    Metric(
        name="llm_estimated_requests_total",
        kind=Kind.COUNTER,
        help="Calls whose provider told no usage: their tokens and cost are estimated.",
        labels=_MODEL,
        open_labels=_MODEL,
        max_series=200,
    ),
    Metric(
        name="llm_rate_limited_total",
        kind=Kind.COUNTER,
        help="Answers of 429 from a provider, those that a retry mended included.",
        labels=_MODEL,
        open_labels=_MODEL,
        max_series=200,
    ),
    Metric(
        name="llm_cache_requests_total",
        kind=Kind.COUNTER,
        help="Calls that could be served from a prompt or answer cache, by result (hit, miss).",
        labels=("result",),
    ),
    Metric(
        name="llm_cost_saved_total",
        kind=Kind.COUNTER,
        help="Cost that caches saved, in the configured currency.",
        labels=("currency",),
    ),
)

RAG = (
    Metric(
        name="rag_queries_total",
        kind=Kind.COUNTER,
        help="Questions answered with retrieval, by strategy and status (ok, error, cancelled).",
        labels=("strategy", "status"),
        open_labels=("strategy",),
        max_series=100,
    ),
    Metric(
        name="rag_stage_duration_seconds",
        kind=Kind.HISTOGRAM,
        help="Time of one stage of retrieval: embedding, search, generation, or the application's own.",
        labels=("stage",),
        open_labels=("stage",),
        buckets=STAGE_SECONDS,
        max_series=50,
    ),
    Metric(
        name="rag_documents_retrieved",
        kind=Kind.HISTOGRAM,
        help="Documents that a search found.",
        labels=("strategy",),
        open_labels=("strategy",),
        buckets=DOCUMENTS,
        max_series=50,
    ),
    Metric(
        name="rag_confidence_score",
        kind=Kind.HISTOGRAM,
        help="Confidence in an answer, 0 to 1, as the application rates it.",
        labels=("strategy",),
        open_labels=("strategy",),
        buckets=CONFIDENCE,
        max_series=50,
    ),
)

FAQ = (
    Metric(
        name="faq_requests_total",
        kind=Kind.COUNTER,
        help="Questions to the FAQ, by endpoint and status code.",
        labels=("endpoint", "status"),
        open_labels=("endpoint",),
        max_series=100,
    ),
    Metric(
        name="faq_response_time_seconds",
        kind=Kind.HISTOGRAM,
        help="Time from a question to its answer, by strategy.",
        labels=("strategy",),
        open_labels=("strategy",),
        buckets=WEB_SECONDS,
        max_series=50,
    ),
    Metric(
        name="faq_confidence_score",
        kind=Kind.HISTOGRAM,
        help="Confidence in an answer of the FAQ, 0 to 1.",
        buckets=CONFIDENCE,
    ),
)

COACHING = (
    Metric(
        name="coaching_sessions_total",
        kind=Kind.COUNTER,
        help="Coaching sessions held, by channel.",
        labels=("channel",),
        open_labels=("channel",),
        max_series=20,
    ),
    Metric(
        name="coaching_session_duration_seconds",
        kind=Kind.HISTOGRAM,
        help="Length of a coaching session.",
        buckets=SESSION_SECONDS,
    ),
    Metric(
        name="training_plan_duration_seconds",
        kind=Kind.HISTOGRAM,
        help="Time to generate a training plan.",
        buckets=LLM_SECONDS,
    ),
)

_CONTAINER = ("service", "container")


def _container(name: str, kind: Kind, help_: str) -> Metric:
    """The exporter reads a bounded number of containers, so their names need no cap here."""
    return Metric(name=f"container_{name}", kind=kind, help=help_, labels=_CONTAINER)


CONTAINERS = (
    _container("up", Kind.GAUGE, "Whether a container runs: 1, or 0."),
    _container("healthy", Kind.GAUGE, "Whether a container passes its own health check: 1, or 0; missing without one."),
    _container(
        "restarts_total",
        Kind.COUNTER,
        "Restarts of a container by its restart policy since the exporter started; a start by hand is none.",
    ),
    _container(
        "oom_kills_total",
        Kind.COUNTER,
        "Times that a container ran out of memory and the kernel killed in it, since the exporter started.",
    ),
    _container("cpu_seconds_total", Kind.COUNTER, "CPU time that a container used since its start."),
    _container("memory_bytes", Kind.GAUGE, "Memory of a container without the file cache that can be dropped."),
    _container("memory_limit_bytes", Kind.GAUGE, "Memory that a container may use; missing where it has no limit."),
    Metric(
        name="container_replicas_wanted",
        kind=Kind.GAUGE,
        help="Containers that a service has, without jobs that ran to their good end.",
        labels=("service",),
    ),
    Metric(
        name="container_replicas_running",
        kind=Kind.GAUGE,
        help="Containers of a service that run.",
        labels=("service",),
    ),
)

ANSWERS = (
    Metric(
        name="ai_answers_evaluated_total",
        kind=Kind.COUNTER,
        help="Answers that a check looked at (hallucination, toxicity, bias): what the shares of found ones refer to.",
        labels=("check",),
    ),
    Metric(
        name="ai_hallucinations_total",
        kind=Kind.COUNTER,
        help="Answers that say what their sources do not, by how sure the check is (low, medium, high).",
        labels=("confidence",),
    ),
    Metric(
        name="ai_toxicity_total",
        kind=Kind.COUNTER,
        help="Toxic answers; one counts once, under its gravest category.",
        labels=("category",),
    ),
    Metric(
        name="ai_bias_total",
        kind=Kind.COUNTER,
        help="Biased answers; one counts once, under its gravest category.",
        labels=("category",),
    ),
    Metric(
        name="ai_answer_confidence",
        kind=Kind.HISTOGRAM,
        help="Confidence in an answer, 0 to 1.",
        buckets=CONFIDENCE,
    ),
    Metric(
        name="ai_quality_score",
        kind=Kind.HISTOGRAM,
        help="Quality of an answer, 0 to 1, by dimension (relevance, grounding, ...).",
        labels=("dimension",),
        open_labels=("dimension",),
        buckets=CONFIDENCE,
        max_series=20,
    ),
    Metric(
        name="ai_prompt_attacks_total",
        kind=Kind.COUNTER,
        help="Prompts that try to make a model leave its instructions, by kind.",
        labels=("kind",),
    ),
    Metric(
        name="ai_sentiment_score",
        kind=Kind.HISTOGRAM,
        help="Mood of an answer: 0 negative, 0.5 neutral, 1 positive.",
        buckets=CONFIDENCE,
    ),
    Metric(
        name="ai_answer_confidence_falls_total",
        kind=Kind.COUNTER,
        help="Times at which it became certain that the confidence in answers has fallen (Page-Hinkley test).",
    ),
)

RECORDS = (
    Metric(
        name="ai_requests_recorded_total",
        kind=Kind.COUNTER,
        help="AI requests that the collector took, by way (record, submit, llm); one seen twice counts once.",
        labels=("way",),
    ),
    Metric(
        name="ai_requests_repeated_total",
        kind=Kind.COUNTER,
        help="AI requests that came a second time under the same request id, and were not counted again.",
    ),
    Metric(
        name="ai_requests_clamped_total",
        kind=Kind.COUNTER,
        help="Values of AI requests that could not be true, such as negative times, and were put right, by field.",
        labels=("field",),
    ),
    Metric(
        name="ai_monitoring_records_lost_total",
        kind=Kind.COUNTER,
        help="AI requests that were handed over and never recorded, by reason (queue_full, stopped, failed).",
        labels=("reason",),
    ),
    Metric(
        name="ai_monitoring_records_waiting",
        kind=Kind.GAUGE,
        help="AI requests that wait to be recorded.",
    ),
    Metric(
        name="ai_monitoring_dimension_failures_total",
        kind=Kind.COUNTER,
        help="Readings of AI requests that failed, by dimension (technical, cognitive, finops, devops, compliance).",
        labels=("dimension",),
    ),
    Metric(
        name="ai_monitoring_evaluator_runs_total",
        kind=Kind.COUNTER,
        help="Runs of an evaluator by outcome (ok, error, timeout).",
        labels=("evaluator", "outcome"),
        open_labels=("evaluator",),
        max_series=200,
    ),
    Metric(
        name="ai_monitoring_evaluator_duration_seconds",
        kind=Kind.HISTOGRAM,
        help="Time that an evaluator took for one AI request.",
        labels=("evaluator",),
        open_labels=("evaluator",),
        buckets=EVALUATOR_SECONDS,
        max_series=50,
    ),
)

_BUDGET = ("scope", "name", "period", "currency")


def _budget(name: str, help_: str) -> Metric:
    """Budgets are those of monitoring.yaml, so their names need no cap here."""
    return Metric(name=f"ai_budget_{name}", kind=Kind.GAUGE, help=help_, labels=_BUDGET)


BUDGETS = (
    _budget(
        "limit",
        "Money that a team, project or model (scope) may spend in a period (day, week, month; in `time_zone`).",
    ),
    _budget("spent", "Money of a budget that is spent since its period began."),
    _budget("forecast", "Money of a budget that will be spent when its period ends, as the ledger expects."),
)

LEDGER = (
    Metric(
        name="ai_business_value_total",
        kind=Kind.COUNTER,
        help="What requests brought, as applications told it, by the ledger: each request once.",
        labels=("project", "currency"),
        open_labels=("project",),
    ),
    Metric(
        name="ai_roi_ratio",
        kind=Kind.GAUGE,
        help="(value - cost) / cost of a project's current month by the ledger; missing without a value or a cost.",
        labels=("project",),
        open_labels=("project",),
    ),
    Metric(
        name="ai_reconciliation_gap_ratio",
        kind=Kind.GAUGE,
        help="(billed - booked) / billed of the provider's bill compared last: above 0 the ledger misses some.",
        labels=("provider",),
        open_labels=("provider",),
    ),
    Metric(
        name="ai_reconciliation_timestamp_seconds",
        kind=Kind.GAUGE,
        help="When the provider's bill was last compared with the ledger.",
        labels=("provider",),
        open_labels=("provider",),
    ),
    Metric(
        name="ai_monitoring_ledger_entries_total",
        kind=Kind.COUNTER,
        help="Entries for the ledger by outcome: booked, known (booked before), lost (it did not answer for too long).",
        labels=("outcome",),
    ),
    Metric(
        name="ai_monitoring_ledger_entries_waiting",
        kind=Kind.GAUGE,
        help="Entries in memory that are not in the ledger yet.",
    ),
)

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


def _model(name: str, kind: Kind, help_: str, *labels: str, buckets: tuple[float, ...] = ()) -> Metric:
    """A model's metric; its own labels, all open, come after `model`."""
    labels = ("model", *labels)
    return Metric(name=name, kind=kind, help=help_, labels=labels, open_labels=labels, buckets=buckets, max_series=500)


MODELS = (
    _model("model_inferences_total", Kind.COUNTER, "Predictions asked of a model, those that failed included."),
    _model("ml_prediction_errors_total", Kind.COUNTER, "Predictions that failed."),
    _model("ml_prediction_duration_seconds", Kind.HISTOGRAM, "Time of one prediction.", buckets=PREDICTION_SECONDS),
    _model("ml_model_quality", Kind.GAUGE, "Quality of a model at its last evaluation (accuracy, f1, ...).", "metric"),
    _model(
        "ml_model_quality_baseline",
        Kind.GAUGE,
        "Quality that a model had when it was released; without it, the mean of 7 days stands in.",
        "metric",
    ),
    _model("ml_model_evaluated_timestamp_seconds", Kind.GAUGE, "When a model was last evaluated, in Unix time."),
    _model("ml_data_drift_score", Kind.GAUGE, "How far a feature's values are from those of training.", "feature"),
    _model("ml_model_drift_score", Kind.GAUGE, "How far a model's predictions are from those at its release."),
)


def _gpu(name: str, kind: Kind, help_: str) -> Metric:
    """A machine has few GPUs, so they need no cap here."""
    return Metric(name=f"gpu_{name}", kind=kind, help=help_, labels=("gpu", "uuid", "name"))


GPUS = (
    _gpu("utilization_ratio", Kind.GAUGE, "Share of time in which a GPU computes, 0 to 1."),
    _gpu("memory_used_bytes", Kind.GAUGE, "Memory of a GPU in use."),
    _gpu("memory_total_bytes", Kind.GAUGE, "Memory that a GPU has."),
    _gpu("temperature_celsius", Kind.GAUGE, "Temperature of a GPU's core."),
    _gpu("power_watts", Kind.GAUGE, "Power that a GPU draws."),
    _gpu("throttled", Kind.GAUGE, "Whether heat or power holds a GPU's clock back: 1, or 0."),
    _gpu("xid_errors_total", Kind.COUNTER, "Errors that the driver reported as XID since the exporter started."),
    _gpu("ecc_errors_total", Kind.COUNTER, "Memory errors that ECC could not correct, since the exporter started."),
)

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

_AREAS = (
    *(DJANGO, FASTAPI, BETWEEN_SERVICES, STREAMLIT, LLM, RAG, FAQ, COACHING),
    *(ANSWERS, RECORDS, BUDGETS, LEDGER, COMPLIANCE, MODELS, GPUS, CONTAINERS, DEPLOYMENTS, HOUSE, EMBEDDED),
)

CATALOG: dict[str, Metric] = {metric.name: metric for area in _AREAS for metric in area}
