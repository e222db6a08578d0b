"""Every LogQL of the dashboards finds what our own handler sends, in a real Loki: LOKI_BIN names the program."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from boards import PanelQuery, panel_queries

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif("LOKI_BIN" not in os.environ, reason="LOKI_BIN names no Loki")
# A service as its author writes it: the lines of the FAQ, and one of an error within a span.
SERVICE = """
import logging
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from ai_monitoring import telemetry
telemetry.set_up("fastapi")
trace.set_tracer_provider(TracerProvider())
logger = logging.getLogger("examples.faq")
for entry in ("easy-pace", "easy-pace", "none"):
    logger.info("FAQ entry used: %s", entry, extra={"faq_entry": entry, "strategy": "A"})
with trace.get_tracer("test").start_as_current_span("question") as span:
    logger.error("The language model fails")
    print(format(span.get_span_context().trace_id, "032x"))
"""


@pytest.fixture(scope="module")
def loki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Loki with this project's configuration."""
    folder = tmp_path_factory.mktemp("loki")
    http, grpc = _free_ports(2)
    command = [
        os.environ["LOKI_BIN"],
        f"-config.file={ROOT / 'loki' / 'loki.yml'}",
        "-server.http-listen-address=127.0.0.1",
        f"-server.http-listen-port={http}",
        "-server.grpc-listen-address=127.0.0.1",
        f"-server.grpc-listen-port={grpc}",
        f"-common.path-prefix={folder}",
        f"-common.storage.filesystem.chunk-directory={folder / 'chunks'}",
        f"-common.storage.filesystem.rules-directory={folder / 'rules'}",
        f"-compactor.working-directory={folder / 'compactor'}",
    ]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT)
    try:
        address = f"http://127.0.0.1:{http}"
        _wait(lambda: urllib.request.urlopen(f"{address}/ready", timeout=5).status == 200, folder / "log")
        yield address
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def trace_id(loki: str) -> str:
    """The trace of the error line, once Loki has all lines."""
    environment = os.environ | {
        "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": f"{loki}/otlp/v1/logs",
        "OTEL_TRACES_EXPORTER": "none",
    }
    command = [sys.executable, "-c", SERVICE]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    _wait(lambda: _count(loki) == 4)
    (found,) = re.findall(r"^[0-9a-f]{32}$", run.stdout, re.MULTILINE)
    return str(found)


@pytest.mark.parametrize("query", panel_queries("loki"), ids=lambda query: query.label)
def test_a_panel_has_data(loki: str, trace_id: str, query: PanelQuery) -> None:
    assert _ask(loki, query.runnable)


def test_the_ranking_counts_questions_by_entry(loki: str, trace_id: str) -> None:
    (query,) = (query for query in panel_queries("loki") if "topk" in query.expr)
    counts = {found["metric"]["faq_entry"]: found["value"][1] for found in _ask(loki, query.runnable)}
    assert counts == {"easy-pace": "2", "none": "1"}


def test_lines_by_level_tell_errors_apart(loki: str, trace_id: str) -> None:
    (query,) = (query for query in panel_queries("loki") if "by (detected_level)" in query.expr)
    counts = {found["metric"]["detected_level"]: found["value"][1] for found in _ask(loki, query.runnable)}
    assert counts == {"info": "3", "error": "1"}


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
    found = _ask(loki, 'sum(count_over_time({service_name="fastapi"}[1h]))')
    return int(found[0]["value"][1]) if found else 0


def _wait(holds: Any, log: Path | None = None, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            if holds():
                return
        except OSError:
            pass  # not listening, or not ready yet
        assert time.monotonic() < deadline, log.read_text() if log else "not in time"
        time.sleep(0.2)


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [each.getsockname()[1] for each in sockets]
