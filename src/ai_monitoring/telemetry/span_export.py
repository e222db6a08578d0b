"""Spans on their way out: personal data and secrets taken out, and a receiver that is away told of now and then."""

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from threading import local
from time import monotonic
from typing import Any, Final

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import Link, Status

from ai_monitoring.metrics.instrument import instrument
from ai_monitoring.telemetry.redaction import redact, redact_attributes

TELL_SECONDS: Final = 60.0
"""Seconds between two log lines on spans that could not be delivered."""

_RAW: Final = frozenset({"url.path", "url.query", "http.request.method_original"})
_ADDRESSES: Final = frozenset({"url.full", "http.url", "http.target"})

logger = logging.getLogger("ai_monitoring.telemetry")
_thread = local()


class RedactingExporter(SpanExporter):
    """Sends spans to an OTLP/HTTP receiver, after redaction. Raises nothing; a span that cannot be redacted is dropped.

    `make` makes the exporter behind it from the receiver's address. A process that was forked has its own: the
    connections of its parent are not its to use.
    """

    def __init__(self, address: str, make: Callable[[str], SpanExporter] = OTLPSpanExporter) -> None:
        self._address = address
        self._make = make
        self._process = 0
        self._lost = 0
        self._tell_at = 0.0
        self._exporter = self._of_this_process()
        _silence("opentelemetry.exporter.otlp.proto.http")

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        _thread.exporting = True
        try:
            clean = [copy for span in spans if not _is_scrape(span) and (copy := _redacted(span)) is not None]
            result = self._of_this_process().export(clean) if clean else SpanExportResult.SUCCESS
        except Exception:
            logger.debug("Spans could not be delivered", exc_info=True)
            result = SpanExportResult.FAILURE
        finally:
            _thread.exporting = False
        if result is not SpanExportResult.SUCCESS:
            self._tell(len(spans))
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        return self._exporter.force_flush(timeout_millis)

    def _of_this_process(self) -> SpanExporter:
        if self._process != os.getpid():
            self._exporter = self._make(self._address)
            self._process = os.getpid()
        return self._exporter

    def _tell(self, lost: int) -> None:
        self._lost += lost
        now = monotonic()
        if now >= self._tell_at:
            self._tell_at = now + TELL_SECONDS
            logger.warning("Traces cannot be delivered: %d spans lost so far", self._lost, extra={"lost": self._lost})


def _silence(name: str) -> None:
    """OpenTelemetry logs each try that fails. Those of ours are told by `_tell`; the application's own stay."""
    for logger_name in [name, *(known for known in logging.root.manager.loggerDict if known.startswith(f"{name}."))]:
        noisy = logging.getLogger(logger_name)
        if _is_not_ours not in noisy.filters:
            noisy.addFilter(_is_not_ours)


def _is_not_ours(record: logging.LogRecord) -> bool:
    return not getattr(_thread, "exporting", False)


def _is_scrape(span: ReadableSpan) -> bool:
    """Whether it is the span of a scrape, or of a part of one, that FastAPI opens by itself."""
    attributes = span.attributes or {}
    own_route = str(attributes.get("code.function.name", "")).startswith("ai_monitoring.web.")
    return own_route or "ai_monitoring.scrape" in attributes


def _redacted(span: ReadableSpan) -> ReadableSpan | None:
    try:
        return _copy(span)
    except Exception:
        instrument("ai_monitoring_instrumentation_errors_total")["traces"].inc()
        logger.debug("A span could not be redacted, and is dropped", exc_info=True)
        return None


def _copy(span: ReadableSpan) -> ReadableSpan:
    return ReadableSpan(
        name=redact(span.name),
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=_attributes(span.attributes),
        events=[Event(redact(event.name), _attributes(event.attributes), event.timestamp) for event in span.events],
        links=[Link(link.context, _attributes(link.attributes)) for link in span.links],
        kind=span.kind,
        status=_status(span.status),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _attributes(attributes: Mapping[str, Any] | None) -> dict[str, Any]:
    """Redacted, and without what a client wrote into its address: names, questions. The route says enough."""
    kept = {name: value for name, value in (attributes or {}).items() if name not in _RAW}
    for name in _ADDRESSES & kept.keys():
        kept[name] = str(kept[name]).partition("?")[0]
    return dict(redact_attributes(kept))


def _status(status: Status) -> Status:
    return Status(status.status_code, redact(status.description)) if status.description else status
