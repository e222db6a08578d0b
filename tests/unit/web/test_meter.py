"""What a middleware measures with, apart from any framework."""

import logging
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from ai_monitoring.metrics.instrument import instrument
from ai_monitoring.web.meter import RequestMeter, parse_traceparent, slow_request_seconds

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def meter(registry: CollectorRegistry) -> RequestMeter:
    return RequestMeter("fastapi", registry)


def requests(registry: CollectorRegistry, method: str, endpoint: str, status: str) -> float | None:
    labels = {"method": method, "endpoint": endpoint, "status": status}
    return registry.get_sample_value("fastapi_requests_total", labels)


def exemplars(registry: CollectorRegistry) -> list[Any]:
    return [sample.exemplar for family in registry.collect() for sample in family.samples if sample.exemplar]


def test_a_request_in_progress_then_finished(meter: RequestMeter, registry: CollectorRegistry) -> None:
    meter.started()
    assert registry.get_sample_value("fastapi_requests_in_progress") == 1

    meter.finished("GET", "/", 200, 0.2)
    assert registry.get_sample_value("fastapi_requests_in_progress") == 0
    assert requests(registry, "GET", "/", "200") == 1
    labels = {"method": "GET", "endpoint": "/", "le": "0.25"}
    assert registry.get_sample_value("fastapi_request_duration_seconds_bucket", labels) == 1


def test_a_request_that_is_dropped_counts_nowhere(meter: RequestMeter, registry: CollectorRegistry) -> None:
    meter.started()
    meter.dropped()

    assert registry.get_sample_value("fastapi_requests_in_progress") == 0
    assert requests(registry, "GET", "/", "200") is None


def test_a_known_route_shows_its_errors_at_0(meter: RequestMeter, registry: CollectorRegistry) -> None:
    meter.finished("GET", "/", 200, 0.1)

    assert requests(registry, "GET", "/", "500") == 0


def test_a_method_that_a_route_refuses_makes_one_series_alone(meter: RequestMeter, registry: CollectorRegistry) -> None:
    meter.finished("TRACE", "/", 405, 0.1)

    assert requests(registry, "TRACE", "/", "405") == 1
    assert requests(registry, "TRACE", "/", "500") is None


def test_methods_of_no_standard_share_one_label(meter: RequestMeter, registry: CollectorRegistry) -> None:
    for number in range(50):
        meter.finished(f"M{number}", "/", 405, 0.1)

    assert requests(registry, "other", "/", "405") == 50
    assert meter._series == {}


def test_a_log_line_repeats_no_method_that_a_client_made_up(registry: CollectorRegistry, caplog: Any) -> None:
    RequestMeter("fastapi", registry, slow_seconds=1.0).finished("X" * 60_000, "/", 405, 2.0)

    assert caplog.messages == ["Slow request: other / answered 405 after 2.00 s"]


def test_routes_beyond_the_cap_share_one_label(meter: RequestMeter, registry: CollectorRegistry) -> None:
    for number in range(1200):
        meter.finished("GET", f"/{number}", 200, 0.1)

    cap = instrument("fastapi_requests_total", registry).metric.max_series
    assert requests(registry, "GET", "/0", "200") == 1
    assert requests(registry, "GET", "other", "200") == 1200 - cap / 2
    assert len(meter._series) <= cap


def test_exceptions_by_class(meter: RequestMeter, registry: CollectorRegistry) -> None:
    meter.raised("/", KeyError("x"))

    labels = {"endpoint": "/", "exception": "KeyError"}
    assert registry.get_sample_value("fastapi_exceptions_total", labels) == 1


def test_an_error_of_ours_stays_inside(meter: RequestMeter, registry: CollectorRegistry) -> None:
    def broken() -> str:
        raise RuntimeError

    meter.started()
    meter.finished("GET", "/", 200, 0.1, broken)

    assert registry.get_sample_value("fastapi_requests_in_progress") == 0
    labels = {"component": "fastapi_middleware"}
    assert registry.get_sample_value("ai_monitoring_instrumentation_errors_total", labels) == 1


class TestExemplars:
    def test_one_a_second_and_series(self, meter: RequestMeter, registry: CollectorRegistry) -> None:
        asked = []

        def traceparent() -> str:
            asked.append(1)
            return f"00-{TRACE}-{SPAN}-01"

        for _ in range(5):
            meter.finished("GET", "/", 200, 0.1, traceparent)
        meter.finished("GET", "/", 500, 0.1, traceparent)

        assert len(asked) == 2
        assert exemplars(registry)[0].labels == {"trace_id": TRACE, "span_id": SPAN}

    @pytest.mark.parametrize(
        "header",
        [
            None,
            "",
            "nonsense",
            f"00-{TRACE}-{SPAN}",
            f"00-{TRACE.upper()}-{SPAN}-01",
            f"00-{'0' * 32}-{SPAN}-01",
            f"00-{TRACE}-{'0' * 16}-01",
            f"00-{TRACE}0-{SPAN}-01",
            f"00-{TRACE}-{SPAN}-00",
        ],
    )
    def test_a_header_that_is_missing_malformed_or_not_sampled_is_none(self, header: str | None) -> None:
        assert parse_traceparent(header) is None


class TestSlowRequests:
    def test_is_a_log_line_with_route_and_time(
        self, registry: CollectorRegistry, caplog: pytest.LogCaptureFixture
    ) -> None:
        meter = RequestMeter("fastapi", registry, slow_seconds=2)
        with caplog.at_level(logging.WARNING, "ai_monitoring.web"):
            meter.finished("GET", "/fast", 200, 2.0)
            meter.finished("GET", "/items/{item}", 200, 2.5)

        record: Any = caplog.records[0]
        assert [record.getMessage()] == ["Slow request: GET /items/{item} answered 200 after 2.50 s"]
        assert (record.endpoint, record.status, record.seconds) == ("/items/{item}", 200, 2.5)
        assert len(caplog.records) == 1

    @pytest.mark.parametrize(("text", "seconds"), [(None, 3), ("", 3), ("0.5", 0.5)])
    def test_setting(self, text: str | None, seconds: float) -> None:
        environ = {} if text is None else {"AI_MONITORING_SLOW_REQUEST_SECONDS": text}

        assert slow_request_seconds(environ) == seconds

    def test_a_wrong_setting_is_named(self) -> None:
        with pytest.raises(ValueError, match="AI_MONITORING_SLOW_REQUEST_SECONDS: 'soon' is not a number"):
            slow_request_seconds({"AI_MONITORING_SLOW_REQUEST_SECONDS": "soon"})
