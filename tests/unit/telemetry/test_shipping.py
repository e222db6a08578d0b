import logging

import pytest
from otlp_receiver import receiving
from prometheus_client import CollectorRegistry

from ai_monitoring.telemetry import shipping as shipping_module
from ai_monitoring.telemetry.capture import Captured
from ai_monitoring.telemetry.counts import LogCounts
from ai_monitoring.telemetry.settings import LogSettings
from ai_monitoring.telemetry.shipping import Shipping


def test_a_request_is_bounded_by_lines_and_by_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipping_module, "MAX_LINES", 8)
    monkeypatch.setattr(shipping_module, "MAX_BYTES", 1000)
    messages = [*(f"{number} " for number in range(9)), "long " + "x" * 900, "longest " + "x" * 2000, "last"]
    with receiving() as receiver:
        shipping = Shipping(
            LogSettings(service="shop", endpoint=f"{receiver.address}/v1/logs"), LogCounts(CollectorRegistry())
        )
        shipping.ship([Captured(1.0, logging.INFO, "INFO", "shop", message, None, None, None) for message in messages])
        shipping.close(10)
        assert receiver.lines() == messages
        sizes = [len(body) for _, body in receiver.requests]
    # Eight lines; then four, of which two go together, and one is larger than that by itself.
    assert len(sizes) == 4
    assert [size > 1000 for size in sizes].count(True) == 1
