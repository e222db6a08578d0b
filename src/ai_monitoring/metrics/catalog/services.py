"""What Django, FastAPI, Streamlit and calls between services expose."""

from ai_monitoring.metrics.catalog.buckets import SESSION_SECONDS, WEB_SECONDS
from ai_monitoring.metrics.declaration import Kind, Metric

QUERY_SECONDS = (0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0)


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
        help="Requests to Django that look like an attack, by their gravest kind.",
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
