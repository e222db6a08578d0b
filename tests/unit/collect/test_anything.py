"""Whatever is sent, the daemon's readers give requests or a ValueError that can be told."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue
from prometheus_client import CollectorRegistry

from ai_monitoring.collect import records, spans
from ai_monitoring.collector.door import Door
from ai_monitoring.compliance.pseudonym import Pseudonyms
from ai_monitoring.embedded.ingest.refusals import Rejections

LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3))
DOOR = Door(CollectorRegistry(), Pseudonyms(b"made up for the tests").of)
NEEDED = {"request_id": "1", "provider": "openai", "model": "gpt-4"}
NAMES = (
    *("gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.system", "gen_ai.request.model", "error.type"),
    *("gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens", "gen_ai.usage.cache_read.input_tokens"),
    *("gen_ai.response.id", "gen_ai.response.time_to_first_chunk", "enduser.id", "ai_monitoring.team"),
    *("gen_ai.prompt", "gen_ai.input.messages", "gen_ai.completion.0.content", "gen_ai.completion.²"),
)
VALUES = st.one_of(
    st.builds(lambda value: AnyValue(string_value=value), st.text(st.characters(exclude_categories=["Cs"]))),
    st.builds(lambda value: AnyValue(int_value=value), st.integers(-(2**63), 2**63 - 1)),
    st.builds(lambda value: AnyValue(double_value=value), st.floats()),
    st.builds(lambda value: AnyValue(bool_value=value), st.booleans()),
    st.builds(lambda value: AnyValue(bytes_value=value), st.binary()),
    st.just(AnyValue()),
    st.just(AnyValue(array_value=ArrayValue(values=[AnyValue(int_value=1), AnyValue()]))),
)


def refusal(content: Any) -> str | None:
    """Why the records are not taken."""
    try:
        assert records.requests(content)
    except ValueError as error:
        return str(error)
    return None


@given(JSON)
def test_any_json(content: Any) -> None:
    assert refusal(content) != ""


@given(st.dictionaries(st.sampled_from(records.NAMES), JSON, max_size=4))
def test_any_value_of_a_field(fields: dict[str, Any]) -> None:
    said = refusal({**NEEDED, **fields})
    assert said is None or any(name in said for name in fields)


@given(
    st.dictionaries(st.sampled_from(NAMES), VALUES),
    st.integers(0, 2**64 - 1),
    st.integers(0, 2**64 - 1),
    st.binary(max_size=20),
)
def test_any_span(known: dict[str, AnyValue], begin: int, end: int, identifier: bytes) -> None:
    message = ExportTraceServiceRequest()
    span = (
        message.resource_spans.add()
        .scope_spans.add()
        .spans.add(trace_id=identifier, span_id=identifier, start_time_unix_nano=begin, end_time_unix_nano=end)
    )
    span.attributes.extend(KeyValue(key=name, value=value) for name, value in known.items())
    for request in spans.requests(message, Rejections()):
        assert DOOR.admit(request).request.latency_ms >= 0
