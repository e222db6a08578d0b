"""Logs and traces through the real Collector into the real Loki and Tempo, with the files that Compose mounts."""

import json
import logging
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from backends import Collector, Loki, Tempo, delete, program
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from prometheus_client import CollectorRegistry
from waiting import until
from watch import ROOT

from ai_monitoring.stack.http import get_json
from ai_monitoring.telemetry.counts import LogCounts
from ai_monitoring.telemetry.handler import TelemetryHandler
from ai_monitoring.telemetry.settings import LogSettings

SECRETS = {
    "openai": "sk-proj-abcdefghijklmnop0123456789",
    "bearer": "Bearer abcdef0123456789abcdef",
    "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
    "aws": "AKIAIOSFODNN7EXAMPLE",
    "password": "password=hunter2-hunter2",
    "json": '{"api_key": "two words"}',
    "url": "postgres://ada:hunter2@db/shop",
    "pem": "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----",
}
LEAKS = ("sk-proj-abc", "abcdef0123", "eyJhbGci", "AKIAIOSF", "hunter2", "two words", "MIIEow")
ATTRS = {"com.docker.compose.service": "prometheus"}


@pytest.fixture
def loki(tmp_path: Path) -> Loki:
    program("LOKI_BIN")
    (tmp_path / "loki").mkdir()
    return Loki(tmp_path / "loki")


@pytest.fixture
def collector(loki: Loki, tmp_path: Path) -> Collector:
    program("OTELCOL_BIN")
    (tmp_path / "collector").mkdir()
    return Collector(tmp_path / "collector", loki=f"{loki.address}/otlp")


@pytest.fixture
def handler(collector: Collector, capsys: pytest.CaptureFixture[str]) -> Iterator[TelemetryHandler]:
    settings = LogSettings(
        service="shop", endpoint=f"{collector.address}/v1/logs", resource={"service.name": "shop", "host.name": "h1"}
    )
    handler = TelemetryHandler(settings, LogCounts(CollectorRegistry()))
    yield handler
    handler.shut_down(5)


def logger_with(handler: TelemetryHandler) -> logging.Logger:
    logger = logging.Logger("shop.mail")
    logger.addHandler(handler)
    return logger


def test_loki_accepts_its_file() -> None:
    run(program("LOKI_BIN"), f"-config.file={ROOT / 'loki' / 'loki.yml'}", "-verify-config")


def test_tempo_accepts_its_file() -> None:
    run(program("TEMPO_BIN"), f"-config.file={ROOT / 'tempo' / 'tempo.yml'}", "-config.verify=true")


def test_the_collector_accepts_its_file(tmp_path: Path) -> None:
    run(program("OTELCOL_BIN"), "validate", "--config", str(Collector(tmp_path).file))


def run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_loki_keeps_seven_days_and_takes_requests_to_delete(loki: Loki) -> None:
    with loki.up():
        with urllib.request.urlopen(f"{loki.address}/config") as response:
            config = yaml.safe_load(response.read())
        assert config["limits_config"]["retention_period"] in ("168h", "1w", "7d")
        assert config["compactor"]["retention_enabled"] is True
        assert config["compactor"]["working_directory"] == str(loki.folder / "compactor")
        until(lambda: delete(loki, '{service_name="shop"} |= "ada"') == 204)
        assert get_json(f"{loki.address}/loki/api/v1/delete")[0]["query"] == '{service_name="shop"} |= "ada"'


def test_a_log_record_is_found_by_its_trace_and_level(
    loki: Loki, collector: Collector, handler: TelemetryHandler
) -> None:
    with loki.up(), collector.up():
        with TracerProvider().get_tracer("t").start_as_current_span("s") as span:
            logger_with(handler).error("no answer from %s", "mail", extra={"attempt": 3})
            logger_with(handler).info("well")
        trace_id = f"{span.get_span_context().trace_id:032x}"
        query = f'{{service_name="shop"}} | trace_id="{trace_id}" | detected_level="error"'
        [(line, labels)] = until(lambda: loki.lines(query))
        assert line == "no answer from mail"
        assert (labels["attempt"], labels["host_name"], labels["scope_name"]) == ("3", "h1", "shop.mail")
        assert get_json(f"{loki.address}/loki/api/v1/labels")["data"] == ["service_name"]


def test_what_loki_cannot_take_now_arrives_later(loki: Loki, collector: Collector, handler: TelemetryHandler) -> None:
    with collector.up():
        logger_with(handler).warning("while it was away")
        until(lambda: "Exporting failed. Will retry" in (collector.folder / "otelcol.log").read_text(encoding="utf-8"))
        with loki.up():
            assert len(until(lambda: loki.lines('{service_name="shop"} |= "away"'))) == 1


def test_secrets_end_at_the_collector(loki: Loki, collector: Collector) -> None:
    with loki.up(), collector.up():
        for kind, secret in SECRETS.items():
            said = f"{kind} said {secret} here"
            attributes = {"said": said, "api_key": "hunter2"}
            collector.container_line(said + "\n", attrs=ATTRS)
            collector.container_line(json.dumps({"message": said, "attributes": attributes}) + "\n", attrs=ATTRS)
        wanted = 2 * len(SECRETS)
        found = until(lambda: lines if len(lines := loki.lines('{service_name="prometheus"}')) == wanted else [])
        assert all("[secret]" in line and " said " in line for line, _ in found)
        assert sum("[secret]" in labels.get("said", "") for _, labels in found) == len(SECRETS)
        assert [leak for leak in LEAKS if leak in str(found)] == []


def test_a_containers_line_arrives_once_and_without_the_label_never(loki: Loki, collector: Collector) -> None:
    with loki.up(), collector.up():
        collector.container_line("sent over OTLP already\n")
        collector.container_line("another label\n", attrs={"x": "y"})
        collector.container_line("a" * 16384, attrs=ATTRS)
        collector.container_line("on stderr\n", attrs=ATTRS, stream="stderr")
        collector.container_line("b\n", attrs=ATTRS)
        collector.container_line('ts=2026 level=warn msg="slow"\n', attrs=ATTRS)
        collector.container_line(
            json.dumps({"level": "WARNING", "message": "m", "logger": "l", "trace_id": f"{7:032x}"}) + "\n", attrs=ATTRS
        )
        found = dict(until(lambda: lines if len(lines := loki.lines('{service_name=~".+"}')) == 4 else []))
        assert set(found) == {"a" * 16384 + "b", "on stderr", 'ts=2026 level=warn msg="slow"', "m"}
        assert {labels["service_name"] for labels in found.values()} == {"prometheus"}
        assert found["m"]["trace_id"] == f"{7:032x}"
        assert found["m"]["detected_level"] == found['ts=2026 level=warn msg="slow"']["detected_level"] == "warn"


def test_a_span_is_found_in_tempo_without_its_secrets(tmp_path: Path) -> None:
    for variable in ("TEMPO_BIN", "OTELCOL_BIN"):
        program(variable)
    for name in ("tempo", "collector"):
        (tmp_path / name).mkdir()
    tempo = Tempo(tmp_path / "tempo")
    collector = Collector(tmp_path / "collector", tempo=f"127.0.0.1:{tempo.otlp}")
    with tempo.up(), collector.up():
        provider = TracerProvider(resource=Resource.create({"service.name": "shop"}))
        provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter(f"{collector.address}/v1/traces")))
        with provider.get_tracer("t").start_as_current_span("ask", attributes=SECRETS) as span:
            span.add_event("failed", SECRETS)
        provider.shutdown()
        trace_id = f"{span.get_span_context().trace_id:032x}"
        address = f"{tempo.address}/api/v2/traces/{trace_id}"
        found = str(until(lambda: trace if (trace := get_json(address)["trace"]) else None))
        assert "'ask'" in found
        assert "[secret]" in found
        assert [leak for leak in LEAKS if leak in found] == []
        query = '{resource.service.name="shop"}'
        [searched] = until(lambda: get_json(f"{tempo.address}/api/search", q=query)["traces"])
        assert searched["rootTraceName"] == "ask"
        until(lambda: "otelcol_receiver_accepted_spans" in collector.scrape())
