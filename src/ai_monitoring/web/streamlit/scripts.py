"""Script runs: how long a page takes, what it fails with, which chat messages it shows."""

import logging
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from time import perf_counter
from typing import Any

from prometheus_client import REGISTRY, CollectorRegistry
from streamlit.runtime.scriptrunner import get_script_run_ctx

from ai_monitoring.metrics.instrument import instrument
from ai_monitoring.telemetry import spans
from ai_monitoring.web.meter import current_trace, slow_request_seconds
from ai_monitoring.web.streamlit.chat import ChatMeter, ShownMessages

logger = logging.getLogger("ai_monitoring.web")


class ScriptMeter:
    """Counts and times script runs under `streamlit_page_load_seconds` and its siblings. Raises nothing."""

    def __init__(self, registry: CollectorRegistry = REGISTRY, slow_seconds: float | None = None) -> None:
        self._durations = instrument("streamlit_page_load_seconds", registry)
        self._errors = instrument("streamlit_errors_total", registry)
        self._failures = instrument("ai_monitoring_instrumentation_errors_total", registry)["streamlit"]
        self._slow_seconds = slow_seconds if slow_seconds is not None else slow_request_seconds()
        self.chat = ChatMeter(registry)

    def finished(self, page: str, seconds: float) -> None:
        self._durations[page].observe(seconds, current_trace(None))
        if seconds > self._slow_seconds:
            logger.warning(
                "Slow request: page %s ran for %.2f s",
                page,
                seconds,
                extra={"endpoint": page, "seconds": round(seconds, 3)},
            )

    def raised(self, exception: BaseException) -> None:
        """Count an exception that a page did not handle."""
        try:
            self._errors[current_page(), type(exception).__name__].inc()
            spans.current().fail(exception)
        except Exception:
            self.failed()

    def error_handler(self, then: Callable[[Exception], bool | None] | None) -> Callable[[Exception], bool | None]:
        """An `on_script_error` for `st.App` that counts, then asks the application's own."""

        def on_script_error(exception: Exception) -> bool | None:
            self.raised(exception)
            return then(exception) if then is not None else None

        return on_script_error

    def failed(self) -> None:
        """Count and log an error of ours, and keep it from the application. Called in an except clause."""
        with suppress(Exception):
            self._failures.inc()
        logger.debug("The script run could not be measured", exc_info=True)


class ScriptThread:
    """Follows one of Streamlit's script threads, which runs the page and runs it again while requests wait."""

    def __init__(self, meter: ScriptMeter) -> None:
        self._meter = meter
        self._started = 0.0
        self._is_fragment = False
        self._messages = ShownMessages()
        self._run = ExitStack()

    def on_event(self, _sender: Any, event: Any, **payload: Any) -> None:
        """Receives what the thread does. Streamlit would take an exception from here for the page's own."""
        try:
            if event.name == "ENQUEUE_FORWARD_MSG":
                self._messages.see(payload["forward_msg"])
            elif event.name == "SCRIPT_STARTED":
                self._start(payload.get("fragment_ids_this_run"))
            elif event.name == "SCRIPT_STOPPED_WITH_COMPILE_ERROR":
                self._meter.raised(payload["exception"])
                self._run.close()
            elif "_STOPPED_" in event.name:
                self._stop(for_rerun=event.name == "SCRIPT_STOPPED_FOR_RERUN")
        except Exception:
            self._meter.failed()

    def _start(self, fragments: Any) -> None:
        self._messages = ShownMessages()
        self._is_fragment = bool(fragments)
        # One that was never told to have stopped ends here.
        self._run.close()
        if spans.is_on():
            self._open_span()
        self._started = perf_counter()

    def _open_span(self) -> None:
        """The current span of this thread, so that the page's calls are its children."""
        span = spans.begin("run", {"streamlit.fragment": self._is_fragment}, kind="server")
        self._run.callback(span.end)
        self._run.enter_context(span.active())
        # Last in, first out: the page is known for certain when the run ends.
        self._run.callback(lambda: span.rename(f"run {current_page()}"))

    def _stop(self, for_rerun: bool) -> None:
        # A fragment is a part of a page: its short reruns would hide how long the page takes.
        if not self._is_fragment:
            self._meter.finished(current_page(), perf_counter() - self._started)
        self._run.close()
        # What an interrupted run has shown is unfinished; the run that follows shows it whole.
        context = get_script_run_ctx(suppress_warning=True)
        if context is not None and not for_rerun:
            self._meter.chat.shown(context.session_id, self._messages)


def current_page() -> str:
    """The page of the script that this thread runs: its path in the address, or its script's name.

    Only what the application declares: an address that no page answers to counts for the main page.
    """
    context = get_script_run_ctx(suppress_warning=True)
    if context is None:
        return "unknown"
    page: Any = context.pages_manager.get_pages().get(context.page_script_hash, {})
    script = page.get("script_path") or context.main_script_path
    return page.get("url_pathname") or Path(script).stem
