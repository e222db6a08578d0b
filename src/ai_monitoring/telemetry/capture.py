"""What a logging call leaves behind for the writer: taken on the caller's thread, so as little as can be."""

import logging
import sys
import traceback
from dataclasses import dataclass
from types import TracebackType
from typing import Any

_PLAIN = len(vars(logging.makeLogRecord({})))
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
"""What no `extra` has put there; `color_message` is uvicorn's message once more."""
_MAX_FRAMES = 50
_MAX_KEPT = 2 * 65_536
"""Characters of a message that wait in the queue: more than leave, so that the cut is told."""


@dataclass(slots=True)
class Captured:
    """One record. `exception` is its class's name, its text and its traceback."""

    seconds: float
    level: int
    level_name: str
    logger: str
    message: str
    trace: tuple[int, int] | None
    attributes: dict[str, Any] | None
    exception: tuple[str, str, str] | None


def capture(record: logging.LogRecord) -> Captured:
    """The message is put together here, since its arguments may change; what `extra` holds is taken as it is."""
    values = record.__dict__
    return Captured(
        record.created,
        record.levelno,
        record.levelname,
        record.name,
        _message(record),
        _trace(),
        {name: value for name, value in values.items() if name not in _STANDARD} if len(values) > _PLAIN else None,
        _exception(record),
    )


def _message(record: logging.LogRecord) -> str:
    """A line whose arguments do not fit is worth more than none, and than a traceback on stderr."""
    try:
        return record.getMessage()[:_MAX_KEPT]
    except Exception:
        return _arguments(record)


def _arguments(record: logging.LogRecord) -> str:
    try:
        return f"{record.msg!s} {record.args!r}"[:_MAX_KEPT]
    except Exception:
        return "the message cannot be shown"


def _trace() -> tuple[int, int] | None:
    if "opentelemetry.trace" not in sys.modules:
        return None
    context = sys.modules["opentelemetry.trace"].get_current_span().get_span_context()
    return (context.trace_id, context.span_id) if context.is_valid else None


def _exception(record: logging.LogRecord) -> tuple[str, str, str] | None:
    info = record.exc_info
    if not info or info[1] is None:
        return (("", "", record.stack_info)) if record.stack_info else None
    return _told(info[1], info[2])


def _told(error: BaseException, trace: TracebackType | None) -> tuple[str, str, str]:
    try:
        text = str(error)
        stack = "".join(traceback.format_exception(type(error), error, trace, limit=-_MAX_FRAMES)).rstrip()
    except Exception:
        text, stack = "", "the traceback cannot be shown"
    return type(error).__name__, text, stack
