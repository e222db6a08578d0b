"""Script runs, through Streamlit's own script runner without a server."""

import logging
import re
from collections.abc import Callable

import pytest
import streamlit
from prometheus_client import CollectorRegistry
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from streamlit.runtime import scriptrunner
from streamlit.testing.v1 import AppTest

from ai_monitoring.web.streamlit import hooks, watch
from ai_monitoring.web.streamlit.scripts import ScriptMeter
from ai_monitoring.web.streamlit.sessions import SessionMeter

Value = Callable[..., float | None]


@pytest.fixture
def value(monkeypatch: pytest.MonkeyPatch, registry: CollectorRegistry) -> Value:
    # The hooks end with the test.
    for owner, name in (
        (scriptrunner.ScriptRunner, "start"),
        (streamlit.runtime.Runtime, "connect_session"),
        (streamlit.runtime.Runtime, "disconnect_session"),
    ):
        monkeypatch.setattr(owner, name, getattr(owner, name))
    return lambda name, **labels: registry.get_sample_value(name, labels)


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


def run(page: str) -> AppTest:
    return AppTest.from_string(page, default_timeout=20).run()


def page_loads(registry: CollectorRegistry) -> dict[str, float]:
    return {
        sample.labels["page"]: sample.value
        for family in registry.collect()
        for sample in family.samples
        if sample.name == "streamlit_page_load_seconds_count"
    }


def chat(value: Value, role: str) -> float:
    return value("streamlit_chat_messages_total", role=role) or 0


def test_every_internal_of_streamlit_that_we_touch_is_where_it_was(value: Value, registry: CollectorRegistry) -> None:
    assert hooks.install(ScriptMeter(registry), SessionMeter(registry)) == []


def test_an_internal_that_moved_costs_its_metric_alone(
    value: Value, registry: CollectorRegistry, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delattr(streamlit.runtime.Runtime, "connect_session")
    with caplog.at_level(logging.WARNING):
        missing = hooks.install(ScriptMeter(registry), SessionMeter(registry))
    assert missing == ["streamlit_sessions_active, streamlit_session_duration_seconds"]
    assert len(caplog.records) == 1
    assert "does not allow to measure streamlit_sessions_active" in caplog.text
    run("import streamlit as st; st.write('hello')")
    assert sum(page_loads(registry).values()) == 1


def test_each_run_of_a_page_is_timed(value: Value, registry: CollectorRegistry) -> None:
    watch(registry=registry)
    run("import streamlit as st; st.write('hello')").run()
    assert list(page_loads(registry).values()) == [2]


def test_the_last_watch_measures_alone(value: Value, registry: CollectorRegistry) -> None:
    earlier = CollectorRegistry()
    watch(registry=earlier)
    watch(registry=registry)
    run("import streamlit as st; st.write('hello')")
    assert sum(page_loads(registry).values()) == 1
    assert page_loads(earlier) == {}


def test_a_slow_run_is_a_log_line(value: Value, registry: CollectorRegistry, caplog: pytest.LogCaptureFixture) -> None:
    watch(registry=registry, slow_seconds=0)
    with caplog.at_level(logging.WARNING, "ai_monitoring.web"):
        run("import streamlit as st; st.write('hello')")
    lines = [record.getMessage() for record in caplog.records if record.name == "ai_monitoring.web"]
    assert len(lines) == 1
    assert re.fullmatch(r"Slow request: page \w+ ran for \d\.\d\d s", lines[0])


def test_a_page_that_does_not_compile_is_an_error(value: Value, registry: CollectorRegistry) -> None:
    watch(registry=registry)
    run("print(")
    errors = [s for f in registry.collect() for s in f.samples if s.name == "streamlit_errors_total"]
    assert [(s.labels["exception"], s.value) for s in errors] == [("SyntaxError", 1)]
    assert page_loads(registry) == {}


HISTORY = """
import streamlit as st
history = st.session_state.setdefault("history", [("assistant", "Welcome")])
text = st.text_input("Say")
if text and st.session_state.get("last") != text:
    st.session_state.last = text
    history += [("user", text), ("assistant", "You said " + text)]
if st.button("clear"):
    history.clear()
if not st.checkbox("hide"):
    for role, line in history[-4:]:
        with st.chat_message(role):
            st.write(line)
"""


def test_a_chat_message_counts_once_however_often_it_is_shown(value: Value, registry: CollectorRegistry) -> None:
    watch(registry=registry)
    app = run(HISTORY).run().run()
    assert (chat(value, "assistant"), chat(value, "user")) == (1, 0)
    app.text_input[0].input("hello").run().run()
    assert (chat(value, "assistant"), chat(value, "user")) == (2, 1)


def test_a_conversation_that_was_hidden_is_not_a_new_one(value: Value, registry: CollectorRegistry) -> None:
    watch(registry=registry)
    app = run(HISTORY)
    app.text_input[0].input("hello").run()
    app.checkbox[0].check().run()
    app.checkbox[0].uncheck().run()
    assert (chat(value, "assistant"), chat(value, "user")) == (2, 1)


def test_messages_count_after_a_conversation_was_cleared(value: Value, registry: CollectorRegistry) -> None:
    watch(registry=registry)
    app = run(HISTORY)
    app.text_input[0].input("hello").run()
    app.button[0].click().run()
    app.text_input[0].input("again").run()
    assert (chat(value, "assistant"), chat(value, "user")) == (3, 2)


def test_a_page_that_shows_the_last_messages_only(value: Value, registry: CollectorRegistry) -> None:
    watch(registry=registry)
    app = run(HISTORY)
    for text in ("one", "two", "three", "four"):
        app.text_input[0].input(text).run()
    assert (chat(value, "assistant"), chat(value, "user")) == (5, 4)


def test_equal_messages_count_as_often_as_they_are_there(value: Value, registry: CollectorRegistry) -> None:
    watch(registry=registry)
    run("import streamlit as st\nfor _ in range(3): st.chat_message('user').write('yes')").run()
    assert chat(value, "user") == 3


def test_a_message_that_is_streamed_is_one(value: Value, registry: CollectorRegistry) -> None:
    watch(registry=registry)
    page = (
        "import streamlit as st\n"
        "message = st.chat_message('ai')\n"
        "if st.checkbox('stored'): message.write('one two three')\n"
        "else: message.write_stream(iter(['one ', 'two ', 'three']))"
    )
    app = run(page)
    app.checkbox[0].check().run()
    assert chat(value, "assistant") == 1


def test_a_role_that_names_a_person_is_no_label(value: Value, registry: CollectorRegistry) -> None:
    watch(registry=registry)
    run("import streamlit as st; st.chat_message('Alice Example').write('hello')")
    assert chat(value, "other") == 1


def test_the_applications_own_arguments_are_kept(value: Value, registry: CollectorRegistry) -> None:
    route, middleware = Route("/own", PlainTextResponse), Middleware(CORSMiddleware)
    arguments = watch(routes=[route], middleware=[middleware], metrics_path="/numbers", registry=registry)
    assert arguments["routes"][0] is route
    assert arguments["routes"][1].path == "/numbers"
    assert arguments["middleware"][0] is middleware


@pytest.mark.skipif(not hooks.has_script_error_hook(), reason="Streamlit 1.57 has no on_script_error")
def test_an_error_is_counted_and_the_applications_own_handler_decides(
    value: Value, registry: CollectorRegistry
) -> None:
    seen: list[Exception] = []

    def own(error: Exception) -> bool:
        seen.append(error)
        return True

    error = ValueError("no")
    assert watch(on_script_error=own, registry=registry)["on_script_error"](error) is True
    assert watch(registry=registry)["on_script_error"](error) is None
    assert seen == [error]
    assert value("streamlit_errors_total", page="unknown", exception="ValueError") == 2
