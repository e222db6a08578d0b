"""What spans of other instrumentations tell of an AI request."""

import json

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1 import trace_pb2

from ai_monitoring.collect import spans, texts
from ai_monitoring.collector.request import AIRequest
from ai_monitoring.embedded.ingest.refusals import Rejections

CALL = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "anthropic", "gen_ai.request.model": "claude-3-opus"}


def requests(sent: ExportTraceServiceRequest) -> list[AIRequest]:
    """Of spans that are all sound."""
    rejections = Rejections()
    found = spans.requests(sent, rejections)
    assert rejections.count == 0
    return found


def pairs(attributes: dict[str, str | int]) -> list[KeyValue]:
    return [
        KeyValue(key=key, value=AnyValue(int_value=value) if isinstance(value, int) else AnyValue(string_value=value))
        for key, value in attributes.items()
    ]


def message(
    *attributes: dict[str, str | int],
    resource: dict[str, str | int] | None = None,
    scope: str = "theirs",
    failed: bool = False,
) -> ExportTraceServiceRequest:
    """A span for each, of half a second."""
    made = ExportTraceServiceRequest()
    of_resource = made.resource_spans.add()
    of_resource.resource.attributes.extend(pairs(resource or {}))
    of_scope = of_resource.scope_spans.add()
    of_scope.scope.name = scope
    for number, one in enumerate(attributes, 1):
        added = of_scope.spans.add(
            trace_id=b"\1" * 16,
            span_id=bytes([number] * 8),
            start_time_unix_nano=1_790_000_000_000_000_000,
            end_time_unix_nano=1_790_000_000_500_000_000,
        )
        added.attributes.extend(pairs(one))
        if failed:
            added.status.code = trace_pb2.Status.STATUS_CODE_ERROR
    return made


def test_a_call_with_all_that_it_tells() -> None:
    told: dict[str, str | int] = {
        **CALL,
        "gen_ai.response.id": "msg_1",
        "gen_ai.usage.input_tokens": 100,
        "gen_ai.usage.output_tokens": 50,
        "gen_ai.usage.cache_read.input_tokens": 80,
        "gen_ai.usage.reasoning.output_tokens": 20,
        "gen_ai.input.messages": json.dumps([{"role": "user", "parts": [{"type": "text", "content": "Bonjour ?"}]}]),
        "gen_ai.output.messages": json.dumps([{"role": "assistant", "parts": [{"type": "text", "content": "Oui."}]}]),
        "enduser.id": "ana",
    }
    (request,) = requests(message(told, resource={"ai_monitoring.team": "search"}))
    assert (request.request_id, request.provider, request.model) == ("msg_1", "anthropic", "claude-3-opus")
    assert (request.input_tokens, request.output_tokens, request.cache_read_tokens) == (100, 50, 80)
    assert (request.reasoning_tokens, request.latency_ms) == (20, 500.0)
    assert not request.cache_hit, "the provider's own cache is no answer that the application had"
    assert (request.prompt, request.response, request.user) == ("Bonjour ?", "Oui.", "ana")
    assert (request.team, request.project, request.error) == ("search", None, None)
    assert request.timestamp == 1_790_000_000


def test_an_error_has_its_kind() -> None:
    (limited,) = requests(message({**CALL, "error.type": "RateLimitError"}, failed=True))
    assert (limited.error, limited.rate_limited) == ("rate_limited", True)
    (failed,) = requests(message({**CALL}, failed=True))
    assert (failed.error, failed.rate_limited) == ("error", False)


def test_what_is_no_call_is_passed_over() -> None:
    assert requests(message({"http.method": "GET"}, {"gen_ai.operation.name": "execute_tool"})) == []


def test_spans_of_our_own_instrumentation_were_counted_by_their_service() -> None:
    assert requests(message({**CALL}, scope="ai_monitoring.llm")) == []


def test_of_two_spans_for_one_call_the_inner_one_counts() -> None:
    made = message({**CALL, "gen_ai.request.model": "outer"}, {**CALL, "gen_ai.request.model": "inner"})
    inner = made.resource_spans[0].scope_spans[0].spans[1]
    inner.parent_span_id = bytes([1] * 8)
    assert [request.model for request in requests(made)] == ["inner"]


def test_without_an_id_of_the_answer_the_spans_own_holds() -> None:
    first, second = requests(message({**CALL}, {**CALL}))
    assert first.request_id == f"{'01' * 16}-{'01' * 8}"
    assert second.request_id != first.request_id


@pytest.mark.parametrize(
    ("known", "text"),
    [
        ({"gen_ai.prompt": "plain"}, "plain"),
        ({"gen_ai.prompt": "{not json"}, "{not json"),
        ({"gen_ai.prompt": "[1, 2]"}, "[1, 2]"),
        (
            {"gen_ai.prompt.0.content": "one", "gen_ai.prompt.10.content": "three", "gen_ai.prompt.2.content": "two"},
            "one\ntwo\nthree",
        ),
        ({"llm.prompts.0.content": "old"}, "old"),
        ({"gen_ai.input.messages": '[{"content": "a"}, {"content": [{"text": "b"}]}]'}, "a\nb"),
        ({"gen_ai.completion.0.content": "an answer"}, ""),
        ({}, ""),
    ],
)
def test_prompts_as_instrumentations_write_them(known: dict[str, str], text: str) -> None:
    assert texts.prompt(known, ()) == text


def test_an_odd_span_leaves_the_others() -> None:
    rejections = Rejections()
    odd: dict[str, str | int] = {**CALL, "gen_ai.request.model": " "}
    (request,) = spans.requests(message(odd, {**CALL}), rejections)
    assert request.model == "claude-3-opus"
    assert (rejections.count, str(rejections)) == (1, "a span's model is empty: say which one it was")


def test_texts_in_events() -> None:
    event = trace_pb2.Span.Event(name="gen_ai.choice")
    event.attributes.extend(pairs({"message": '{"content": "an answer"}'}))
    assert texts.response({}, [event]) == "an answer"
    assert texts.prompt({}, [event]) == ""


def test_a_deeply_nested_text_is_one_text() -> None:
    text = "[" * 100_000
    assert texts.prompt({"gen_ai.prompt": text}, ()) == text
