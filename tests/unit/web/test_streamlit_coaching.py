"""Coaching sessions, counted once a browser session."""

import math

import pytest
from prometheus_client import CollectorRegistry
from streamlit.testing.v1 import AppTest

from ai_monitoring.web.streamlit import track_coaching_session


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


def counted(registry: CollectorRegistry, channel: str) -> float | None:
    return registry.get_sample_value("coaching_sessions_total", {"channel": channel})


def page(registry: object) -> None:
    from typing import Any

    import streamlit as st

    from ai_monitoring.web.streamlit import track_coaching_session

    numbers: Any = registry
    track_coaching_session("chat", 60, registry=numbers)
    track_coaching_session("plan", 5, key=st.text_input("plan"), registry=numbers)


def test_a_session_counts_once_however_often_the_page_reruns(registry: CollectorRegistry) -> None:
    app = AppTest.from_function(page, args=(registry,), default_timeout=20).run().run().run()
    assert (counted(registry, "chat"), counted(registry, "plan")) == (1, 1)
    assert registry.get_sample_value("coaching_session_duration_seconds_sum") == 65
    app.text_input[0].input("second").run().run()
    assert (counted(registry, "chat"), counted(registry, "plan")) == (1, 2)


def test_outside_a_page_every_call_counts(registry: CollectorRegistry) -> None:
    assert track_coaching_session("phone", 600, registry=registry)
    assert track_coaching_session("phone", 900, registry=registry)
    assert counted(registry, "phone") == 2


@pytest.mark.parametrize("seconds", [-1, math.nan, math.inf, "soon"])
def test_what_is_no_length_of_time_counts_nothing_and_breaks_nothing(
    registry: CollectorRegistry, seconds: float
) -> None:
    assert not track_coaching_session("chat", seconds, registry=registry)
    assert counted(registry, "chat") is None
    errors = registry.get_sample_value("ai_monitoring_instrumentation_errors_total", {"component": "streamlit"})
    assert errors == 1
