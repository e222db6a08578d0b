"""Every LogQL of the dashboards finds what our own handler sends, in a real Loki: LOKI_BIN names the program."""

import json
import os
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from backends import Loki
from boards import PanelQuery, panel_queries
from waiting import until

pytestmark = pytest.mark.skipif("LOKI_BIN" not in os.environ, reason="LOKI_BIN names no Loki")
# A service as its author writes it: the lines of the FAQ, those of an attacker, and one of an error within a span.
SERVICE = """
import logging, sys
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from ai_monitoring import telemetry
from ai_monitoring.web.auth import AuthFailures, Reason
telemetry.set_up("fastapi")
AuthFailures("fastapi").record(list(Reason)[0], "/api/token/", "10.0.0.0/24")
attempt = {"kind": "sql_injection", "endpoint": "/search/", "client": "10.0.0.0/24"}
logging.getLogger("ai_monitoring.web").warning("Intrusion attempt: %s at %s from %s", *attempt.values(), extra=attempt)
trace.set_tracer_provider(TracerProvider())
logger = logging.getLogger("examples.faq")
for entry in ("easy-pace", "easy-pace", "none"):
    logger.info("FAQ entry used: %s", entry, extra={"faq_entry": entry, "strategy": "A"})
with trace.get_tracer("test").start_as_current_span("question") as span:
    logger.error("The language model fails")
    trace_id = span.get_span_context().trace_id
print(format(trace_id, "032x"), file=sys.stderr)
"""
# The incident log's part, with a line of the kind that `ai_monitoring.incidents.desk` writes.
INCIDENTS = """
import logging
from ai_monitoring import telemetry
telemetry.set_up("incidents")
logging.getLogger("ai_monitoring.incidents").info(
    "Incident opened: ServiceDown of shop (critical)",
    extra={"event": "opened", "incident": 1, "alert": "ServiceDown", "alert_severity": "critical", "service": "shop"},
)
"""


@pytest.fixture(scope="module")
def loki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Loki with this project's configuration."""
    real = Loki(tmp_path_factory.mktemp("loki"))
    with real.up():
        yield real.address


@pytest.fixture(scope="module")
def trace_id(loki: str) -> str:
    """The trace of the error line, once Loki has all lines."""
    environment = os.environ | {
        "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": f"{loki}/otlp/v1/logs",
        "OTEL_TRACES_EXPORTER": "none",
    }
    for code in (INCIDENTS, SERVICE):
        command = [sys.executable, "-c", code]
        run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    until(lambda: _count(loki) == 7)
    return run.stderr.split()[-1]


@pytest.mark.parametrize("query", panel_queries("loki"), ids=lambda query: query.label)
def test_a_panel_has_data(loki: str, trace_id: str, query: PanelQuery) -> None:
    assert _ask(loki, query.runnable)


def test_the_ranking_counts_questions_by_entry(loki: str, trace_id: str) -> None:
    (query,) = (query for query in panel_queries("loki") if "topk" in query.expr and "faq_entry" in query.expr)
    counts = {found["metric"]["faq_entry"]: found["value"][1] for found in _ask(loki, query.runnable)}
    assert counts == {"easy-pace": "2", "none": "1"}


def test_lines_by_level_tell_errors_apart(loki: str, trace_id: str) -> None:
    (query,) = (query for query in panel_queries("loki") if "by (detected_level)" in query.expr)
    counts = {found["metric"]["detected_level"]: found["value"][1] for found in _ask(loki, query.runnable)}
    assert counts == {"info": "4", "warn": "2", "error": "1"}


def test_a_trace_leads_to_its_lines(loki: str, trace_id: str) -> None:
    """The query of the data source Tempo, as Grafana fills it in."""
    (found,) = _ask(loki, f'{{service_name="fastapi"}} | trace_id="{trace_id}"')
    assert found["values"][0][1] == "The language model fails"


def _ask(loki: str, query: str) -> list[Any]:
    """Numbers as they are now; lines of the last hour."""
    kind = "query" if "count_over_time" in query else "query_range"
    address = f"{loki}/loki/api/v1/{kind}?{urllib.parse.urlencode({'query': query})}"
    with urllib.request.urlopen(address, timeout=10) as response:
        result: list[Any] = json.load(response)["data"]["result"]
        return result


def _count(loki: str) -> int:
    found = _ask(loki, 'sum(count_over_time({service_name=~"fastapi|incidents"}[1h]))')
    return int(found[0]["value"][1]) if found else 0
