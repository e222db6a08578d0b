import gzip
import logging

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsPartialSuccess,
    ExportLogsServiceRequest,
    ExportLogsServiceResponse,
)

from ai_monitoring.telemetry.capture import Captured
from ai_monitoring.telemetry.otlp_logs import compress, encode, rejected


def test_a_record_arrives_with_all_it_has() -> None:
    trace = (0x0AF7651916CD43DD8448EB211C80319C, 0xB7AD6B7169203331)
    record = Captured(
        1.5, logging.WARNING, "WARNING", "shop", "sold", trace, {"n": 3, "x": [1], "half": "\ud800"}, ("E", "t", "s")
    )
    other = Captured(2.0, logging.INFO, "INFO", "till", "paid", None, None, None)
    request = ExportLogsServiceRequest.FromString(encode([record, other], {"service.name": "shop"}))
    (resource,) = request.resource_logs
    assert resource.resource.attributes[0].value.string_value == "shop"
    assert [scope.scope.name for scope in resource.scope_logs] == ["shop", "till"]
    found = resource.scope_logs[0].log_records[0]
    assert (found.body.string_value, found.severity_text, found.severity_number) == ("sold", "WARNING", 13)
    assert found.time_unix_nano == 1_500_000_000
    assert found.trace_id.hex() == "0af7651916cd43dd8448eb211c80319c"
    assert found.span_id.hex() == "b7ad6b7169203331"
    values = {one.key: one.value for one in found.attributes}
    assert values["n"].int_value == 3
    assert values["x"].string_value == "[1]"
    assert values["half"].string_value == "?"
    assert values["exception.stacktrace"].string_value == "s"


def test_a_request_is_gzipped_to_be_sent() -> None:
    assert gzip.decompress(compress(b"request")) == b"request"


@pytest.mark.parametrize(("count", "expected"), [(3, 3), (0, 0), (-1, 0)])
def test_the_receiver_tells_how_many_it_left_out(count: int, expected: int) -> None:
    partial = ExportLogsPartialSuccess(rejected_log_records=count, error_message="too old")
    assert rejected(ExportLogsServiceResponse(partial_success=partial).SerializeToString()) == expected


@pytest.mark.parametrize("answer", [b"", b"{}", b"OK", b"<html>", b"\xff\xff"])
def test_an_answer_that_is_none_of_otlp_leaves_nothing_out(answer: bytes) -> None:
    assert rejected(answer) == 0
