"""Every TraceQL of the dashboards finds what our own exporter sends, in a real Tempo: TEMPO_BIN names the program."""

import json
import os
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from backends import Tempo
from boards import PanelQuery, panel_queries
from waiting import until

pytestmark = pytest.mark.skipif("TEMPO_BIN" not in os.environ, reason="TEMPO_BIN names no Tempo")
# A service as its author writes it: one request that fails, one that is slow.
SERVICE = """
import contextlib, time
from opentelemetry import trace
from ai_monitoring import telemetry
telemetry.set_up("fastapi")
tracer = trace.get_tracer("test")
with contextlib.suppress(RuntimeError), tracer.start_as_current_span("fails"):
    raise RuntimeError("the model is gone")
with tracer.start_as_current_span("dawdles"):
    time.sleep(1.1)
"""


@pytest.fixture(scope="module")
def tempo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Tempo that has both traces."""
    real = Tempo(tmp_path_factory.mktemp("tempo"))
    with real.up():
        receiver = {
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"http://127.0.0.1:{real.otlp_http}/v1/traces",
            "OTEL_LOGS_EXPORTER": "none",
        }
        subprocess.run([sys.executable, "-c", SERVICE], env=os.environ | receiver, capture_output=True, check=True)
        until(lambda: len(_search(real.address, "{}")) == 2)
        yield real.address


@pytest.mark.parametrize("query", panel_queries("tempo"), ids=lambda query: query.label)
def test_a_panel_has_the_trace_that_it_is_for(tempo: str, query: PanelQuery) -> None:
    (found,) = _search(tempo, query.runnable)
    assert found["rootServiceName"] == "fastapi"
    assert found["rootTraceName"] == ("fails" if "error" in query.expr else "dawdles")


def _search(tempo: str, query: str) -> list[Any]:
    address = f"{tempo}/api/search?{urllib.parse.urlencode({'q': query})}"
    with urllib.request.urlopen(address, timeout=10) as response:
        traces: list[Any] = json.load(response).get("traces") or []
        return traces
