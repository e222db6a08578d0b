"""What panels ask: PromQL of Prometheus, LogQL of Loki, TraceQL of Tempo."""

from grafana_foundation_sdk.builders.loki import Dataquery as LogQL
from grafana_foundation_sdk.builders.prometheus import Dataquery as PromQL
from grafana_foundation_sdk.builders.tempo import Dataquery as TraceQL
from grafana_foundation_sdk.models.dashboard import DataSourceRef
from grafana_foundation_sdk.models.prometheus import PromQueryFormat
from grafana_foundation_sdk.models.tempo import SearchTableType

PROMETHEUS, LOKI, TEMPO = (DataSourceRef(name, name) for name in ("prometheus", "loki", "tempo"))
Query = PromQL | LogQL | TraceQL
DEPLOYMENTS = 'deployment:timestamp_seconds{{service=~"{services}"}} * 1000'
"""When a version was deployed, in milliseconds since 1970; `all` is the service of those that name none."""
LATENCIES = ("django_request_duration_seconds", "fastapi_request_duration_seconds", "streamlit_page_load_seconds")


def series(expr: str, legend: str) -> PromQL:
    """A line over time for each series."""
    return PromQL().datasource(PROMETHEUS).expr(expr).legend_format(legend).range()


def exemplars(expr: str, legend: str) -> PromQL:
    """As `series`, with a point for each request that has a trace. Recorded series carry none."""
    return series(expr, legend).exemplar(True)


def latencies() -> list[PromQL]:
    """The time within which 95 of 100 requests to each chosen service are answered, in seconds."""
    buckets = 'sum by (service, le) (rate({}_bucket{{service=~"$service"}}[$interval]))'
    exprs = (f"histogram_quantile(0.95, {buckets.format(metric)})" for metric in LATENCIES)
    return [exemplars(expr, "{{service}}") for expr in exprs]


def value(expr: str, legend: str = "") -> PromQL:
    """The value now."""
    return PromQL().datasource(PROMETHEUS).expr(expr).legend_format(legend).instant()


def rows(expr: str) -> PromQL:
    """The series now, as rows of a table."""
    return value(expr).format(PromQueryFormat.TABLE)


def threshold(name: str, severity: str) -> PromQL:
    """A line of prometheus/rules/thresholds.yml, as it stands there at that time."""
    expr = f'threshold:{name}{{severity="{severity}"}}'
    return series(expr, f"{severity} threshold").ref_id(severity)


def log_lines(expr: str) -> LogQL:
    """The lines themselves, at most 500."""
    return LogQL().datasource(LOKI).expr(expr).query_type("range").max_lines(500)


def log_series(expr: str, legend: str) -> LogQL:
    """Numbers counted from lines, over time."""
    return LogQL().datasource(LOKI).expr(expr).query_type("range").legend_format(legend)


def log_value(expr: str, legend: str) -> LogQL:
    """Numbers counted from lines over the whole time range, the largest first: Loki orders what topk finds by label."""
    return LogQL().datasource(LOKI).expr(f"sort_desc({expr})").query_type("instant").legend_format(legend)


def traces(query: str) -> TraceQL:
    """A row for each of at most 20 traces."""
    found = TraceQL().datasource(TEMPO).query_type("traceql").query(query)
    return found.limit(20).table_type(SearchTableType.TRACES)
