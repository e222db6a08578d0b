"""Where Streamlit has no public hook: its internals, touched here alone and as few as possible.

An internal that has moved disables what hangs on it, with one line in the log, and leaves the application as it is.
"""

import functools
import inspect
import logging
from collections.abc import Callable
from typing import Any

import streamlit
from streamlit.runtime import scriptrunner

from ai_monitoring.web.streamlit.scripts import ScriptMeter, ScriptThread
from ai_monitoring.web.streamlit.sessions import SessionMeter

logger = logging.getLogger("ai_monitoring.web")
Wrapper = Callable[[Callable[..., Any]], Callable[..., Any]]


def install(scripts: ScriptMeter, sessions: SessionMeter) -> list[str]:
    """Measure script runs and sessions from now on, instead of with earlier meters.

    Returns the metrics that this release of Streamlit does not let us measure.
    """
    hooks = [
        ("streamlit_page_load_seconds, streamlit_chat_messages_total", lambda: _watch_scripts(scripts)),
        ("streamlit_sessions_active, streamlit_session_duration_seconds", lambda: _watch_sessions(sessions)),
    ]
    if not has_script_error_hook():
        hooks.append(("streamlit_errors_total", lambda: _watch_errors(scripts)))
    return [metrics for metrics, hook in hooks if not _installed(metrics, hook)]


def has_script_error_hook() -> bool:
    """Whether `st.App` takes `on_script_error`, as it does from Streamlit 1.58."""
    return "on_script_error" in inspect.signature(streamlit.App).parameters


def _installed(metrics: str, hook: Callable[[], None]) -> bool:
    try:
        hook()
    except Exception as error:
        logger.warning("Streamlit %s does not allow to measure %s: %s", streamlit.__version__, metrics, error)
        return False
    return True


def _watch_scripts(meter: ScriptMeter) -> None:
    def wrapper(start: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(start)
        def watched_start(runner: Any) -> Any:
            try:
                runner.on_event.connect(ScriptThread(meter).on_event, weak=False)
            except Exception:
                meter.failed()
            return start(runner)

        return watched_start

    for event in ("SCRIPT_STARTED", "ENQUEUE_FORWARD_MSG", "SCRIPT_STOPPED_WITH_SUCCESS"):
        scriptrunner.ScriptRunnerEvent[event]
    _wrap(scriptrunner.ScriptRunner, "start", wrapper)


def _watch_sessions(meter: SessionMeter) -> None:
    def connecting(connect: Callable[..., str]) -> Callable[..., str]:
        @functools.wraps(connect)
        def watched_connect(*args: Any, **kwargs: Any) -> str:
            session = connect(*args, **kwargs)
            meter.connected(session)
            return session

        return watched_connect

    def disconnecting(disconnect: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(disconnect)
        def watched_disconnect(runtime: Any, session_id: str, **kwargs: Any) -> Any:
            answer = disconnect(runtime, session_id, **kwargs)
            # A browser that came back on a new connection still holds the session when its old one closes.
            if not runtime.is_active_session(session_id):
                meter.disconnected(session_id)
            return answer

        return watched_disconnect

    runtime = streamlit.runtime.Runtime
    inspect.signature(runtime.is_active_session).bind(None, session_id="")
    inspect.signature(runtime.disconnect_session).bind(None, "")
    _wrap(runtime, "connect_session", connecting)
    _wrap(runtime, "disconnect_session", disconnecting)


def _watch_errors(meter: ScriptMeter) -> None:
    """Streamlit 1.57: the one function that shows an uncaught exception."""

    def wrapper(handle: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(handle)
        def watched_handle(exception: Exception) -> Any:
            meter.raised(exception)
            return handle(exception)

        return watched_handle

    _wrap(scriptrunner.exec_code, "handle_uncaught_app_exception", wrapper)


def _wrap(owner: Any, name: str, wrapper: Wrapper) -> None:
    """Replace `owner.name` by a wrapper of the original, also where an earlier wrapper of ours stands."""
    present = getattr(owner, name)
    original = getattr(present, "_ai_monitoring_original", present)
    wrapped = wrapper(original)
    wrapped._ai_monitoring_original = original  # type: ignore[attr-defined]
    setattr(owner, name, wrapped)
