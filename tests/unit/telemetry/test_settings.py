import logging
from pathlib import Path

import pytest

from ai_monitoring.telemetry.settings import DEFAULT_FOLDER, LogSettings, read_settings


def read(**environ: str) -> LogSettings:
    return read_settings("shop", environ=environ)


def test_nothing_is_sent_or_written_unless_asked_for() -> None:
    settings = read()
    assert (settings.endpoint, settings.folder, settings.spool, settings.level) == ("", None, None, logging.INFO)


def test_the_service_may_be_named_by_the_environment() -> None:
    assert read_settings(environ={"OTEL_SERVICE_NAME": "tea"}).service == "tea"
    assert read_settings(environ={"OTEL_RESOURCE_ATTRIBUTES": "service.name=tea"}).service == "tea"
    with pytest.raises(ValueError, match="OTEL_SERVICE_NAME"):
        read_settings(environ={})


def test_the_common_endpoint_gets_the_path_and_the_one_of_logs_is_whole() -> None:
    assert read(OTEL_EXPORTER_OTLP_ENDPOINT="http://loki:4318/").endpoint == "http://loki:4318/v1/logs"
    own = "http://loki:3100/otlp/v1/logs"
    both = read(OTEL_EXPORTER_OTLP_ENDPOINT="http://x:1", OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=own)
    assert both.endpoint == own


@pytest.mark.parametrize("off", [{"OTEL_SDK_DISABLED": "true"}, {"OTEL_LOGS_EXPORTER": "none"}])
def test_sending_can_be_switched_off(off: dict[str, str]) -> None:
    assert read(OTEL_EXPORTER_OTLP_ENDPOINT="http://loki:4318", **off).endpoint == ""


def test_headers_timeout_and_resource_are_the_standards() -> None:
    settings = read(
        OTEL_EXPORTER_OTLP_HEADERS="tenant=a,x=1",
        OTEL_EXPORTER_OTLP_LOGS_HEADERS="tenant=b%20c",
        OTEL_EXPORTER_OTLP_TIMEOUT="2500",
        OTEL_RESOURCE_ATTRIBUTES="region=eu",
    )
    assert settings.headers == {"tenant": "b c", "x": "1"}
    assert settings.timeout == 2.5
    assert settings.resource == {"region": "eu", "service.name": "shop"}


def test_house_names() -> None:
    settings = read(AI_MONITORING_LOG_LEVEL="debug", AI_MONITORING_LOG_DIR="/a", AI_MONITORING_SPOOL_DIR="/b")
    assert (settings.level, settings.folder, settings.spool) == (logging.DEBUG, Path("/a"), Path("/b"))
    assert read_settings("shop", files=True, environ={}).folder == DEFAULT_FOLDER


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AI_MONITORING_LOG_LEVEL", "LOUD"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "loki:4318"),
        ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "http://loki:port/v1/logs"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "soon"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "s3cr3t"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name) as error:
        read(**{name: value})
    assert "s3cr3t" not in str(error.value)


def test_grpc_is_refused_rather_than_sent_to_in_vain() -> None:
    with pytest.raises(ValueError, match="http/protobuf"):
        read(OTEL_EXPORTER_OTLP_ENDPOINT="http://loki:4317", OTEL_EXPORTER_OTLP_PROTOCOL="grpc")
