import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from otlp_requests import logs

from ai_monitoring.embedded.ingest.messages import PushRequest
from ai_monitoring.embedded.ingest.refusals import Refused
from ai_monitoring.embedded.ingest.wire import LOGS, PUSH, SPANS, check_messages

PADDING = "x" * 2**18


def body(*counts: int) -> bytes:
    """Padding, and for each number so many records of three messages each: themselves, an attribute, its value."""
    request = ExportLogsServiceRequest()
    record = LogRecord(flags=1, attributes=[KeyValue(key="a", value=AnyValue(string_value="b"))])
    for count in counts:
        request.resource_logs.add(schema_url=PADDING).scope_logs.add().log_records.extend([record] * count)
    return bytes(request.SerializeToString())


def test_messages_are_counted_over_all_resources() -> None:
    exact = 2 * 2 + 3 * (4 + 5)
    check_messages(body(4, 5), LOGS, exact)
    with pytest.raises(Refused, match=f"more than {exact - 1} messages") as refusal:
        check_messages(body(4, 5), LOGS, exact - 1)
    assert refusal.value.status == 413


def test_empty_messages_are_counted_wherever_they_hide() -> None:
    push = PushRequest()
    metadata = push.streams.add(labels=PADDING).entries.add().structuredMetadata
    streams = PushRequest(streams=[{"labels": PADDING}])
    for _ in range(100):
        metadata.add()
        streams.streams.add()
    records = logs(1, PADDING, "")
    records.resource_logs[0].scope_logs[0].log_records[1].body.array_value.values.extend([AnyValue()] * 100)
    spans = ExportTraceServiceRequest()
    spans.resource_spans.add().scope_spans.add().spans.add(name=PADDING).events.extend([Span.Event()] * 100)
    for request, fields in ((push, PUSH), (streams, PUSH), (records, LOGS), (spans, SPANS)):
        with pytest.raises(Refused, match="more than 99 messages"):
            check_messages(request.SerializeToString(), fields, 99)


def test_small_body_is_left_to_protobuf() -> None:
    check_messages(logs(1, "x").SerializeToString(), LOGS, 0)
    check_messages(b"\xff" * 100, LOGS, 0)


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        (b"", b"\x0a"),
        (b"\x0b", b""),
        (b"\xff" * 100, b""),
    ],
    ids=["cut", "of a strange kind", "noise"],
)
def test_damaged_body_is_refused(begin: bytes, end: bytes) -> None:
    with pytest.raises(Refused, match="not protobuf") as refusal:
        check_messages(begin + body(1) + end, LOGS, 10)
    assert refusal.value.status == 400


def test_deep_body_is_refused() -> None:
    inside = b""
    for number in (*(1, 5) * 60, 5, 2, 2, 1):
        inside = bytes([number << 3 | 2, len(inside) & 127 | 128, len(inside) >> 7]) + inside
    with pytest.raises(Refused, match="nested more than 100 deep"):
        check_messages(body(1) + inside, LOGS, 1000)
