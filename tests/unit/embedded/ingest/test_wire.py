import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from otlp_requests import logs

from ai_monitoring.embedded.ingest.refusals import Refused
from ai_monitoring.embedded.ingest.wire import check_records

PATH = (1, 2, 2)


def body(*counts: int) -> bytes:
    """A megabyte of padding, and for each number so many records."""
    request = logs(1_790_000_000 * 10**9, "x" * 2**20)
    for count in counts:
        request.resource_logs.add().scope_logs.add().log_records.extend([LogRecord(flags=1, time_unix_nano=1)] * count)
    return bytes(request.SerializeToString())


def test_records_are_counted_over_all_resources() -> None:
    check_records(body(4, 5), PATH, 10)
    with pytest.raises(Refused, match="the limit of 9") as refusal:
        check_records(body(4, 5), PATH, 9)
    assert refusal.value.status == 413


def test_small_body_is_left_to_protobuf() -> None:
    check_records(ExportLogsServiceRequest().SerializeToString(), PATH, 0)
    check_records(b"\xff" * 100, PATH, 0)


@pytest.mark.parametrize(
    ("begin", "end"), [(b"", b"\x0a"), (b"\x0b", b""), (b"\xff" * 100, b"")], ids=["cut", "of a strange kind", "noise"]
)
def test_damaged_body_is_refused(begin: bytes, end: bytes) -> None:
    with pytest.raises(Refused, match="not protobuf") as refusal:
        check_records(begin + body(1) + end, PATH, 10)
    assert refusal.value.status == 400
