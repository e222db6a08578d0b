"""Planted personal data is found in no sink: metrics, log lines, files, spool, summary, readings."""

import gzip
import json
import logging
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from ai_monitoring import MetricsCollector, MonitoringContext
from ai_monitoring.telemetry.counts import LogCounts
from ai_monitoring.telemetry.handler import TelemetryHandler
from ai_monitoring.telemetry.settings import LogSettings

Ask = Any
PLANTED = {
    "email": "ada.planted@example.org",
    "phone": "+33 6 12 34 56 78",
    "card": "4111 1111 1111 1111",
    "iban": "FR14 2004 1010 0505 0001 3M02 606",
    "name": "Zebediah Quux",
    "word": "flibbertigibbet",
}
TEXT = ", ".join(PLANTED.values())
FIELDS = ("request_id", "provider", "model", "team", "project", "purpose", "legal_basis", "operation")


@pytest.fixture
def lines(tmp_path: Path) -> Iterator[logging.Logger]:
    """All that the package logs, written to files as JSON, and spooled for a receiver that is away."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{closed.getsockname()[1]}/v1/logs"
    settings = LogSettings(service="shop", folder=tmp_path / "logs", spool=tmp_path / "spool", endpoint=endpoint)
    handler = TelemetryHandler(settings, LogCounts(CollectorRegistry()))
    logger = logging.getLogger("ai_monitoring")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield logger
    logger.removeHandler(handler)
    logger.setLevel(before)
    handler.shut_down(0.5)


def told(*sinks: str) -> list[str]:
    return [kind for kind, planted in PLANTED.items() if any(planted in sink for sink in sinks)]


def content_of(file: Path) -> str:
    content = file.read_bytes()
    return (gzip.decompress(content) if file.suffix == ".gz" else content).decode("utf-8", "replace")


def test_no_sink_holds_what_was_planted(
    collector: MetricsCollector,
    registry: CollectorRegistry,
    ask: Ask,
    lines: logging.Logger,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    caplog.set_level(logging.DEBUG)
    readings = [
        collector.record(ask(prompt=TEXT, response=f"You idiot, {TEXT}", context=[TEXT], user=TEXT, error=TEXT)),
        collector.record(ask(documents=[TEXT, *(PLANTED[kind] for kind in ("email", "phone", "card", "iban"))])),
        *(collector.record(ask(**{field: PLANTED["email"]})) for field in FIELDS),
    ]
    collector.submit(ask(prompt=TEXT, user=TEXT))
    with MonitoringContext(collector, provider="openai", model="gpt-4", user=TEXT) as ctx:
        ctx.set_prompt(TEXT)
        ctx.set_error(ValueError(TEXT))
    with pytest.raises(TypeError) as refused:
        collector.record(ask(input_tokens=TEXT))
    collector.stop()
    for handler in lines.handlers:
        if isinstance(handler, TelemetryHandler):
            handler.shut_down(0.5)
    files = {path: content_of(path) for path in tmp_path.rglob("*") if path.is_file()}
    written = {path.relative_to(tmp_path).parts[0] for path, content in files.items() if "AI request" in content}
    assert written == {"logs", "spool"}
    logged = [f"{record.getMessage()} {vars(record)!r}" for record in caplog.records]
    assert logged
    sinks = (*files.values(), *logged, *capfd.readouterr(), generate_latest(registry).decode(), str(refused.value))
    assert not told(*sinks, json.dumps(collector.get_summary()), repr(readings), repr(ctx), repr(ctx.results))


def test_what_was_found_is_told_by_kind_alone(collector: MetricsCollector, ask: Ask) -> None:
    found = collector.record(ask(prompt=TEXT))["cognitive"].personal_data
    assert found == {"prompt.email": 1, "prompt.phone": 1, "prompt.card": 1, "prompt.iban": 1}


def test_a_requests_repr_shows_no_text(ask: Ask) -> None:
    assert not told(repr(ask(prompt=TEXT, response=TEXT, context=[TEXT], user=TEXT)))
