import gc
import io
import json
import logging
import sys
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.trace import TracerProvider
from otlp_receiver import receiving
from prometheus_client import CollectorRegistry

from ai_monitoring.telemetry import handler as handler_module
from ai_monitoring.telemetry.capture import capture
from ai_monitoring.telemetry.counts import LogCounts
from ai_monitoring.telemetry.handler import TelemetryHandler
from ai_monitoring.telemetry.settings import LogSettings


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@contextmanager
def logging_to(registry: CollectorRegistry, seconds: float = 5.0, **settings: Any) -> Iterator[logging.Logger]:
    handler = TelemetryHandler(LogSettings(service="shop", **settings), LogCounts(registry))
    logger = logging.Logger("shop")
    logger.addHandler(handler)
    yield logger
    handler.shut_down(seconds)


def lost(registry: CollectorRegistry, reason: str) -> float | None:
    return registry.get_sample_value("ai_monitoring_log_records_lost_total", {"reason": reason})


def shipped(registry: CollectorRegistry) -> float | None:
    return registry.get_sample_value("ai_monitoring_log_records_shipped_total")


def test_lines_come_out_in_order_and_redacted(capsys: pytest.CaptureFixture[str], registry: CollectorRegistry) -> None:
    with logging_to(registry) as logger:
        for number in range(3000):
            logger.info("line %d of ada@example.org", number)
    lines = [json.loads(line)["message"] for line in capsys.readouterr().out.splitlines()]
    assert lines == [f"line {number} of [email]" for number in range(3000)]


def test_a_line_within_a_span_names_it(capsys: pytest.CaptureFixture[str], registry: CollectorRegistry) -> None:
    with logging_to(registry) as logger, TracerProvider().get_tracer("test").start_as_current_span("sell") as span:
        logger.info("sold")
    context = span.get_span_context()
    line = json.loads(capsys.readouterr().out)
    assert line["trace_id"] == f"{context.trace_id:032x}"
    assert line["span_id"] == f"{context.span_id:016x}"


def test_files_hold_what_standard_output_does(
    capsys: pytest.CaptureFixture[str], registry: CollectorRegistry, tmp_path: Path
) -> None:
    with logging_to(registry, folder=tmp_path) as logger:
        logger.info("sold to ada@example.org")
    written = capsys.readouterr().out
    assert json.loads(written)["message"] == "sold to [email]"
    assert (tmp_path / "shop.log").read_text() == written


def test_a_line_that_standard_output_cannot_encode_is_escaped(
    monkeypatch: pytest.MonkeyPatch, registry: CollectorRegistry
) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    with logging_to(registry) as logger:
        logger.info("thé \U0001f375 \ud800")
    assert json.loads(raw.getvalue())["message"] == "thé \U0001f375 \ud800"


@pytest.mark.parametrize("closed", [None, io.StringIO()])
def test_without_standard_output_lines_are_still_shipped(
    monkeypatch: pytest.MonkeyPatch, registry: CollectorRegistry, closed: io.StringIO | None
) -> None:
    if closed is not None:
        closed.close()
    monkeypatch.setattr(sys, "stdout", closed)
    with receiving() as receiver:
        with logging_to(registry, endpoint=f"{receiver.address}/v1/logs") as logger:
            logger.info("sold")
        assert receiver.lines() == ["sold"]


def test_a_full_queue_costs_the_newest_line_and_is_counted(
    capsys: pytest.CaptureFixture[str],
    registry: CollectorRegistry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(handler_module, "MAX_QUEUED", 0)
    with logging_to(registry) as logger:
        for _ in range(3):
            logger.info("sold")
    assert lost(registry, "queue_full") == 3
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.count("log lines are lost (queue_full)") == 1


def test_a_reader_that_reads_no_more_does_not_hold_up_the_end(
    monkeypatch: pytest.MonkeyPatch, registry: CollectorRegistry
) -> None:
    released = threading.Event()
    blocked = threading.Event()

    class Blocked(io.StringIO):
        def write(self, text: str) -> int:
            blocked.set()
            released.wait(30)
            return len(text)

    monkeypatch.setattr(sys, "stdout", Blocked())
    with logging_to(registry, seconds=0.05) as logger:
        logger.info("one")
        assert blocked.wait(10)
        logger.info("two")
        logger.info("three")
    assert lost(registry, "shutdown") == 2
    released.set()
    for thread in threading.enumerate():
        if thread.name == "ai-monitoring-log-writer":
            thread.join(10)


def test_lines_of_the_writer_itself_are_not_written(
    capsys: pytest.CaptureFixture[str], registry: CollectorRegistry
) -> None:
    class Talkative:
        def __str__(self) -> str:
            logger.info("a line about a line")
            return "told"

    with logging_to(registry) as logger:
        logger.info("sold", extra={"what": Talkative()})
    assert [json.loads(line)["message"] for line in capsys.readouterr().out.splitlines()] == ["sold"]


def test_lines_are_shipped_with_the_settings_headers(
    capsys: pytest.CaptureFixture[str], registry: CollectorRegistry
) -> None:
    with receiving() as receiver:
        endpoint = f"{receiver.address}/otlp/v1/logs"
        with logging_to(registry, endpoint=endpoint, headers={"X-Scope-OrgID": "shop"}) as logger:
            for number in range(50):
                logger.info("line %d", number)
        assert receiver.lines() == [f"line {number}" for number in range(50)]
        assert receiver.requests[0][0] == "/otlp/v1/logs"
        assert receiver.headers[0]["X-Scope-OrgID"] == "shop"
    assert shipped(registry) == 50


def test_what_the_receiver_refuses_is_dropped_and_counted(
    capsys: pytest.CaptureFixture[str], registry: CollectorRegistry
) -> None:
    with receiving(mode=400) as receiver:
        with logging_to(registry, endpoint=f"{receiver.address}/v1/logs") as logger:
            logger.info("sold")
        receiver.wait_for_refusal()
    assert lost(registry, "rejected") == 1


def test_what_may_pass_is_tried_again(capsys: pytest.CaptureFixture[str], registry: CollectorRegistry) -> None:
    with receiving(mode=503) as receiver:
        with logging_to(registry, endpoint=f"{receiver.address}/v1/logs", seconds=10) as logger:
            logger.info("sold")
            receiver.wait_for_refusal()
            receiver.mode = "ok"
        assert receiver.lines() == ["sold"]
    assert lost(registry, "rejected") == 0


def test_what_cannot_be_sent_before_the_end_is_counted(
    registry: CollectorRegistry, capsys: pytest.CaptureFixture[str]
) -> None:
    with (
        receiving(mode=503) as receiver,
        logging_to(registry, endpoint=f"{receiver.address}/v1/logs", seconds=0.1) as logger,
    ):
        logger.info("sold")
    assert lost(registry, "shutdown") == 1
    assert "1 log lines are lost (shutdown" in capsys.readouterr().err


def test_with_a_spool_it_waits_for_the_next_process(
    capsys: pytest.CaptureFixture[str], registry: CollectorRegistry, tmp_path: Path
) -> None:
    with receiving(mode=503) as receiver:
        endpoint = f"{receiver.address}/v1/logs"
        with logging_to(registry, endpoint=endpoint, spool=tmp_path, seconds=0.1) as logger:
            logger.info("sold to ada@example.org")
        assert lost(registry, "shutdown") == 0
        receiver.mode = "ok"
        with logging_to(CollectorRegistry(), endpoint=endpoint, spool=tmp_path):
            assert receiver.wait_for_lines(1) == ["sold to [email]"]


def test_a_record_after_the_end_is_written_and_holds_nothing(
    capsys: pytest.CaptureFixture[str], registry: CollectorRegistry, tmp_path: Path
) -> None:
    with receiving() as receiver:
        endpoint = f"{receiver.address}/v1/logs"
        with logging_to(registry, endpoint=endpoint, folder=tmp_path) as logger:
            logger.info("sold")
        assert registry.get_sample_value("ai_monitoring_log_records_waiting") == 0
        logger.info("after the end")
        handler = logger.handlers[0]
        assert isinstance(handler, TelemetryHandler)
        assert handler._writer._pending == []
    assert "after the end" in capsys.readouterr().out


def test_a_header_that_http_does_not_take_leaves_the_sender_alive(
    registry: CollectorRegistry, capsys: pytest.CaptureFixture[str]
) -> None:
    headers = {"X-Scope-OrgID": "shop\nshop"}
    with (
        receiving() as receiver,
        logging_to(registry, endpoint=f"{receiver.address}/v1/logs", headers=headers, seconds=0.1) as logger,
    ):
        logger.info("sold")
    assert lost(registry, "shutdown") == 1


def test_a_caller_does_not_wait_for_stderr(monkeypatch: pytest.MonkeyPatch, registry: CollectorRegistry) -> None:
    caller = threading.get_ident()
    writers: set[int] = set()

    class Watched(io.StringIO):
        def write(self, text: str) -> int:
            writers.add(threading.get_ident())
            return len(text)

    monkeypatch.setattr(handler_module, "MAX_QUEUED", 0)
    monkeypatch.setattr(sys, "stderr", Watched())
    with logging_to(registry) as logger:
        logger.info("sold")
        assert caller not in writers


def test_a_huge_message_does_not_fill_the_memory() -> None:
    record = logging.makeLogRecord({"msg": "x" * 10_000_000})
    assert len(capture(record).message) < 1_000_000


def test_a_handler_that_was_shut_down_is_forgotten(registry: CollectorRegistry) -> None:
    handler = TelemetryHandler(LogSettings(service="shop"), LogCounts(registry))
    handler.shut_down(1)
    known = weakref.ref(handler)
    del handler
    gc.collect()
    assert known() is None
