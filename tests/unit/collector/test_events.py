import json
import logging
from typing import Any

import pytest

from ai_monitoring import MetricsCollector
from ai_monitoring.telemetry.capture import capture
from ai_monitoring.telemetry.lines import JSONLines, redacted

Ask = Any


def test_a_record_is_one_line_of_figures(
    collector: MetricsCollector, ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "ai_monitoring.requests")
    collector.record(
        ask(
            request_id="req-9",
            response="You are an idiot.",
            context=("One.", "Two."),
            confidence=0.7,
            documents=("a", "b 2"),
        )
    )
    (record,) = caplog.records
    assert record.getMessage() == "AI request: openai gpt-4, ok after 0.85 s"
    line = json.loads(JSONLines("shop")(redacted(capture(record))))
    told = line.get("attributes", line)
    assert told["request_id"] == "req-9"
    assert told["gen_ai.request.model"] == "gpt-4"
    assert told["cost"] == pytest.approx(0.012)
    assert (told["toxicity"], told["confidence"], told["retrieved"]) == ("insult", 0.7, 2)
    assert told["documents"] == ["a", "b 2"]
    assert "bias" not in told
    assert "first_token_seconds" not in told


def test_a_request_seen_twice_is_one_line(
    collector: MetricsCollector, ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "ai_monitoring.requests")
    collector.record(ask(request_id="same"))
    collector.record(ask(request_id="same"))
    assert len(caplog.records) == 1


def test_nobody_who_does_not_listen_pays(
    collector: MetricsCollector, ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "ai_monitoring.requests")
    collector.record(ask())
    assert not caplog.records
