"""Coaching sessions, counted once each although every rerun of a page reports them again."""

import logging
import math
from collections import OrderedDict
from contextlib import suppress
from threading import Lock

from prometheus_client import REGISTRY, CollectorRegistry
from streamlit.runtime.scriptrunner import get_script_run_ctx

from ai_monitoring.metrics.instrument import instrument

logger = logging.getLogger("ai_monitoring.web")
_MAX_REMEMBERED = 50_000
_counted: OrderedDict[tuple[int, str, str, str], None] = OrderedDict()
_lock = Lock()


def track_coaching_session(kind: str, seconds: float, *, key: str = "", registry: CollectorRegistry = REGISTRY) -> bool:
    """Count one coaching session that lasted `seconds`, on the channel `kind`, such as "chat" or "plan".

    Once per browser session and kind, with the length that the first call gives: call it when the session is over, on
    as many reruns as you like. A browser session that holds several of one kind tells them apart by `key`. Outside a
    Streamlit script every call counts. Returns whether this call counted; a length that is negative or no number does
    not. Raises nothing.
    """
    try:
        return _track(kind, seconds, key, registry)
    except Exception:
        with suppress(Exception):
            instrument("ai_monitoring_instrumentation_errors_total", registry)["streamlit"].inc()
        logger.debug("The coaching session could not be counted", exc_info=True)
        return False


def _track(kind: str, seconds: float, key: str, registry: CollectorRegistry) -> bool:
    if not (math.isfinite(seconds) and seconds >= 0):
        raise ValueError(f"seconds: {seconds!r} is not a length of time")
    context = get_script_run_ctx(suppress_warning=True)
    if context is not None and not _is_first((id(registry), context.session_id, kind, key)):
        return False
    instrument("coaching_sessions_total", registry)[kind].inc()
    instrument("coaching_session_duration_seconds", registry)[()].observe(seconds)
    return True


def _is_first(session: tuple[int, str, str, str]) -> bool:
    with _lock:
        known = session in _counted
        _counted[session] = None
        _counted.move_to_end(session)
        if len(_counted) > _MAX_REMEMBERED:
            _counted.popitem(last=False)
        return not known
