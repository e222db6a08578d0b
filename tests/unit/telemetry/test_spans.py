"""Spans of the house: nothing while traces are off, and in the right place while they are on."""

import logging
from contextvars import copy_context

import pytest
from opentelemetry import trace
from recorded_spans import attributes, recorded_spans

from ai_monitoring.telemetry import spans

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_nothing_is_opened_while_traces_are_off() -> None:
    headers: dict[str, str] = {}
    with spans.span("search") as span:
        span.set(a=1)
        span.fail("503")
        span.rename("other")
        spans.inject(headers)
        assert not trace.get_current_span().get_span_context().is_valid

    assert span is spans.OFF
    assert span.traceparent is None
    assert not headers
    assert not spans.has_current()


def test_a_span_is_the_current_one_of_its_block() -> None:
    with recorded_spans() as recorder:
        with spans.span("outer", {"a": 1}) as outer, spans.span("inner", kind="client"):
            outer.set(gen_ai__request__model="m")
            outer.rename("renamed")

        assert recorder["inner"].parent == recorder["renamed"].context
        assert attributes(recorder["renamed"]) == {"a": 1, "gen_ai.request.model": "m"}
        assert recorder["inner"].kind is trace.SpanKind.CLIENT


def test_a_trace_goes_on_from_its_headers() -> None:
    with recorded_spans() as recorder:
        with spans.span("here", carrier={"traceparent": TRACEPARENT}):
            headers: dict[str, str] = {}
            spans.inject(headers)

        here = recorder["here"]
        assert here.parent is not None
        assert f"00-{here.parent.trace_id:032x}-{here.parent.span_id:016x}-01" == TRACEPARENT
        assert headers["traceparent"] == f"00-{here.context.trace_id:032x}-{here.context.span_id:016x}-01"


def test_headers_do_not_take_a_span_out_of_its_trace() -> None:
    with recorded_spans() as recorder:
        with spans.span("outer"), spans.span("inner", carrier={"traceparent": TRACEPARENT}):
            pass

        assert recorder["inner"].parent == recorder["outer"].context


def test_only_the_class_of_an_exception_is_told_and_the_first_one_holds() -> None:
    with recorded_spans() as recorder:
        with pytest.raises(ValueError, match="secret"), spans.span("fails"):
            raise ValueError("secret")
        with spans.span("answers") as span:
            span.fail("503")
            span.fail("504")

        assert attributes(recorder["fails"]) == {"error.type": "ValueError"}
        assert attributes(recorder["answers"]) == {"error.type": "503"}
        assert recorder["fails"].status.status_code is trace.StatusCode.ERROR
        assert "secret" not in recorder.text()


def test_a_span_that_begins_alone_is_not_the_current_one_and_ends_once(caplog: pytest.LogCaptureFixture) -> None:
    with recorded_spans() as recorder:
        span = spans.begin("call")
        assert not spans.has_current()
        with span.active():
            assert spans.has_current()
        span.end()
        span.end()
        span.set(too_late=1)

        assert recorder.names() == ["call"]
    assert not caplog.records


def test_a_block_that_ends_in_another_context_logs_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with recorded_spans() as recorder:
        block = spans.span("stream")
        copy_context().run(block.__enter__)
        copy_context().run(block.__exit__, None, None, None)

        assert recorder.names() == ["stream"]
    assert not [record for record in caplog.records if record.levelno > logging.DEBUG]


def test_a_tracer_that_fails_costs_its_span_alone() -> None:
    spans.switch_on(object())
    try:
        with spans.span("search") as span:
            span.set(a=1)
        assert span is spans.OFF
    finally:
        spans.switch_on(None)
