"""Spans of script runs, through Streamlit's own script runner."""

from collections.abc import Iterator

import pytest
import streamlit
from opentelemetry.trace import StatusCode
from prometheus_client import CollectorRegistry
from prometheus_client.openmetrics.exposition import generate_latest
from recorded_spans import Recorder, attributes, recorded_spans
from streamlit.runtime import scriptrunner
from streamlit.testing.v1 import AppTest

from ai_monitoring.web.streamlit import watch

CALLS = """
import streamlit as st
from ai_monitoring.telemetry import spans
with spans.span("call"):
    st.write("hello")
"""


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch, registry: CollectorRegistry) -> Iterator[Recorder]:
    # The hooks end with the test.
    for owner, name in (
        (scriptrunner.ScriptRunner, "start"),
        (streamlit.runtime.Runtime, "connect_session"),
        (streamlit.runtime.Runtime, "disconnect_session"),
    ):
        monkeypatch.setattr(owner, name, getattr(owner, name))
    watch(registry=registry)
    with recorded_spans() as recorder:
        yield recorder


def run(page: str) -> AppTest:
    return AppTest.from_string(page, default_timeout=20).run()


def test_the_calls_of_a_run_are_its_children(recorder: Recorder, registry: CollectorRegistry) -> None:
    run(CALLS).run()

    first, second = [span for span in recorder.all() if span.name.startswith("run ")]
    calls = [span for span in recorder.all() if span.name == "call"]
    assert [call.parent for call in calls] == [first.context, second.context]
    assert first.context.trace_id != second.context.trace_id
    assert f'trace_id="{second.context.trace_id:032x}"' in generate_latest(registry).decode()


def test_a_run_that_asks_for_another_ends(recorder: Recorder) -> None:
    run("import streamlit as st\nif not st.session_state.get('again'):\n    st.session_state.again = 1\n    st.rerun()")

    assert [name.split()[0] for name in recorder.names()] == ["run", "run"]
    assert len({span.context.trace_id for span in recorder.all()}) == 2


def test_a_page_that_does_not_compile_is_a_failed_run(recorder: Recorder) -> None:
    run("print(")

    (span,) = recorder.all()
    assert span.status.status_code is StatusCode.ERROR
    assert attributes(span)["error.type"] == "SyntaxError"
