"""The spans that the house opens: of requests, calls and stages. Nothing until traces are switched on.

Everything here is a no-op, in well under a microsecond, until `switch_on` was called with an OpenTelemetry tracer, and
raises nothing at any time.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Literal

Kind = Literal["internal", "server", "client"]
logger = logging.getLogger("ai_monitoring.telemetry")
_tracer: Any = None


def switch_on(tracer: Any) -> None:
    """Open spans with this OpenTelemetry tracer from now on; None switches them off."""
    global _tracer
    _tracer = tracer


def is_on() -> bool:
    return _tracer is not None


class Span:
    """A span under way, or nothing while traces are off."""

    __slots__ = ("_failed", "_span")

    def __init__(self, span: Any = None) -> None:
        self._span = span
        self._failed = False

    def set(self, **attributes: Any) -> None:
        """Set attributes; a double underscore in a name stands for a dot: `gen_ai__request__model`."""
        if self._span is not None:
            self._span.set_attributes({name.replace("__", "."): value for name, value in attributes.items()})

    def rename(self, name: str) -> None:
        if self._span is not None:
            self._span.update_name(name)

    def fail(self, error: BaseException | str) -> None:
        """Mark the span as failed with the class of `error`, the first time; its text may hold what must not leave.

        A string is what stands for an error without an exception, such as the status code "503".
        """
        if self._span is not None and not self._failed:
            self._failed = True
            from opentelemetry.trace import Status, StatusCode

            kind = error if isinstance(error, str) else type(error).__name__
            self._span.set_attribute("error.type", kind)
            self._span.set_status(Status(StatusCode.ERROR, kind))

    @property
    def traceparent(self) -> str | None:
        """The W3C header that names this span."""
        if self._span is None:
            return None
        context = self._span.get_span_context()
        return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"

    def end(self) -> None:
        """The first time only: OpenTelemetry warns of a second."""
        span, self._span = self._span, None
        if span is not None:
            try:
                span.end()
            except Exception:
                _failed()

    @contextmanager
    def active(self) -> Iterator[None]:
        """The current span while the block runs."""
        if self._span is None:
            yield
            return
        from opentelemetry import context, trace

        token = context.attach(trace.set_span_in_context(self._span))
        try:
            yield
        finally:
            # A generator that a server reads may end in another context than it began in, one that never held the
            # span. OpenTelemetry's own detach() logs that as an error.
            with suppress(ValueError):
                token.var.reset(token)


OFF = Span()


def begin(
    name: str,
    attributes: Mapping[str, Any] | None = None,
    *,
    kind: Kind = "internal",
    carrier: Mapping[str, str] | None = None,
    parent: Span = OFF,
) -> Span:
    """A span that its caller ends, and that is not the current one.

    It is the child of the current span; else of the trace in `carrier`, a mapping with W3C's `traceparent`; else of
    `parent`; else the first of a trace.
    """
    if _tracer is None:
        return OFF
    from opentelemetry.trace import SpanKind

    try:
        context = _context(carrier, parent)
        return Span(_tracer.start_span(name, context, SpanKind[kind.upper()], dict(attributes or {})))
    except Exception:
        _failed()
        return OFF


@contextmanager
def span(
    name: str,
    attributes: Mapping[str, Any] | None = None,
    *,
    kind: Kind = "internal",
    carrier: Mapping[str, str] | None = None,
    parent: Span = OFF,
) -> Iterator[Span]:
    """A span around a block, the current one meanwhile; its parent is that of `begin`. Marked by an exception."""
    if _tracer is None:
        yield OFF
        return
    opened = begin(name, attributes, kind=kind, carrier=carrier, parent=parent)
    try:
        with opened.active():
            yield opened
    except BaseException as error:
        opened.fail(error)
        raise
    finally:
        opened.end()


def has_current() -> bool:
    """Whether this process has opened a span here, our own or that of another instrumentation."""
    if _tracer is None:
        return False
    from opentelemetry.trace import get_current_span

    context = get_current_span().get_span_context()
    return bool(context.is_valid and not context.is_remote)


def current() -> Span:
    """The span that is open here."""
    if not has_current():
        return OFF
    from opentelemetry.trace import get_current_span

    return Span(get_current_span())


def inject(headers: Any) -> None:
    """Write the current span's W3C `traceparent` (and what the application propagates) into a mapping of headers."""
    if _tracer is None:
        return
    from opentelemetry import propagate

    try:
        propagate.inject(headers)
    except Exception:
        _failed()


def _context(carrier: Mapping[str, str] | None, parent: Span) -> Any:
    """None stands for the current context."""
    if has_current():
        return None
    if carrier is not None:
        from opentelemetry import propagate

        return propagate.extract(carrier)
    if parent._span is not None:
        from opentelemetry import trace

        return trace.set_span_in_context(parent._span)
    return None


def _failed() -> None:
    logger.debug("A span could not be opened or ended", exc_info=True)
