"""Which spans stand for a call that is counted already, so that each call counts once, whoever else traces it."""

import sys
from collections import OrderedDict
from contextvars import ContextVar
from threading import Lock

_MAX_CLAIMS = 10_000

under_way: ContextVar[bool] = ContextVar("ai_monitoring_llm_under_way", default=False)
"""True in the context that makes a call which we count: a span that begins there is about that call, too."""

_claimed: OrderedDict[tuple[int, int], None] = OrderedDict()
_lock = Lock()
_wanted = False


def want_claims() -> None:
    """Remember claims from now on: somebody counts other instrumentations' spans."""
    global _wanted
    _wanted = True


def claim_current_span() -> None:
    """Say that the call which the current span may stand for is counted by us."""
    if _wanted and "opentelemetry.trace" in sys.modules:
        context = sys.modules["opentelemetry.trace"].get_current_span().get_span_context()
        if context.is_valid and not context.is_remote:
            claim(context.trace_id, context.span_id)


def claim(trace_id: int, span_id: int) -> None:
    with _lock:
        _claimed[trace_id, span_id] = None
        if len(_claimed) > _MAX_CLAIMS:
            _claimed.popitem(last=False)


def take_claim(trace_id: int, span_id: int) -> bool:
    """Whether the span was claimed; it is forgotten then."""
    with _lock:
        return _claimed.pop((trace_id, span_id), 0) is None
