"""The spans that the house opens: of requests, calls and stages. Nothing until traces are switched on.

Everything here is a no-op, in well under a microsecond, until `switch_on` was called with an OpenTelemetry tracer.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

Kind = Literal["internal", "server", "client"]
_tracer: Any = None


def switch_on(tracer: Any) -> None:
    """Open spans with this OpenTelemetry tracer from now on; None switches them off."""
    global _tracer
    _tracer = tracer


def is_on() -> bool:
    return _tracer is not None


class Span:
    """What a block may say about its span. Raises nothing, and does nothing while traces are off."""

    __slots__ = ("_span",)

    def __init__(self, span: Any = None) -> None:
        self._span = span

    def set(self, **attributes: Any) -> None:
        """Set attributes; a double underscore in a name stands for a dot: `gen_ai__request__model`."""
        if self._span is not None:
            self._span.set_attributes({name.replace("__", "."): value for name, value in attributes.items()})

    def fail(self, error: BaseException) -> None:
        """Mark the span as failed with the class of `error`; its text may hold what must not leave."""
        if self._span is not None:
            from opentelemetry.trace import Status, StatusCode

            self._span.set_attribute("error.type", type(error).__name__)
            self._span.set_status(Status(StatusCode.ERROR, type(error).__name__))


OFF = Span()


@contextmanager
def span(
    name: str, attributes: Mapping[str, Any] | None = None, *, kind: Kind = "internal", carrier: Any = None
) -> Iterator[Span]:
    """A span around a block, child of the current one, or of the trace in `carrier` (a mapping of HTTP headers)."""
    if _tracer is None:
        yield OFF
        return
    from opentelemetry.propagate import extract
    from opentelemetry.trace import SpanKind

    context = extract(carrier) if carrier is not None else None
    with _tracer.start_as_current_span(
        name,
        context,
        SpanKind[kind.upper()],
        dict(attributes or {}),
        record_exception=False,
        set_status_on_exception=False,
    ) as opened:
        shown = Span(opened)
        try:
            yield shown
        except BaseException as error:
            shown.fail(error)
            raise
