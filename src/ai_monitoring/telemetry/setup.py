"""The one call that sets logs and traces up."""

import atexit
import logging
import signal
from pathlib import Path
from threading import Thread, current_thread, main_thread
from typing import Any

from ai_monitoring.telemetry.handler import TelemetryHandler
from ai_monitoring.telemetry.settings import read_settings

EXIT_SECONDS = 3.0
"""How long a process that ends waits for the receiver."""

_QUIET = ("httpx", "httpcore", "httpx2", "httpcore2", "urllib3")
_installed: list[TelemetryHandler] = []


def set_up(
    service: str | None = None,
    *,
    level: int | str | None = None,
    files: bool | Path | str | None = None,
    spool: Path | str | None = None,
) -> None:
    """Logs as JSON lines on standard output, redacted; to an OTLP receiver too, with traces, where the environment
    names one (OTEL_EXPORTER_OTLP_ENDPOINT). Call it once, before the service starts; a later call replaces the first.

    `service` is the name in every line, else OTEL_SERVICE_NAME. `files` asks for rotating files: a folder, or True for
    `logs/`. What waits for the receiver is kept in the folder `spool`, over restarts. Each has its name in the
    environment: AI_MONITORING_LOG_LEVEL, AI_MONITORING_LOG_DIR, AI_MONITORING_SPOOL_DIR. Handlers that are there
    already stay. Raises ValueError for a wrong setting, and OSError for a folder that cannot be written.
    """
    settings = read_settings(service, level=level, files=files, spool=spool)
    # First, since two handlers cannot write the same file.
    shut_down()
    handler = TelemetryHandler(settings)
    _installed.append(handler)
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(settings.level)
    for name in _QUIET:
        # HTTP clients tell each request, with its whole address; what is under watch is told once already.
        if logging.getLogger(name).level == logging.NOTSET:
            logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(True)
    _set_up_traces(settings.service)
    _end_well_on_sigterm()


def shut_down(seconds: float = EXIT_SECONDS) -> None:
    """Write and ship what waits, for at most about that long, and remove the handler. Called at exit by itself."""
    while _installed:
        handler = _installed.pop()
        handler.shut_down(seconds)
        logging.getLogger().removeHandler(handler)


def _end_well_on_sigterm() -> None:
    """Python ends at once by this signal, without what `atexit` runs; so does uvicorn once it has shut down. A handler
    of the application's own is left alone.
    """
    if current_thread() is main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _end_well)


def _end_well(number: int, _: Any) -> None:
    """Deliver what waits, then end by the same signal. In a thread: what this interrupts may hold a lock."""
    delivering = Thread(target=_deliver, daemon=True)
    delivering.start()
    delivering.join(3 * EXIT_SECONDS)
    signal.signal(number, signal.SIG_DFL)
    signal.raise_signal(number)


def _deliver() -> None:
    from ai_monitoring.telemetry import tracing

    tracing.shut_down()
    shut_down()


def _set_up_traces(service: str) -> None:
    try:
        from ai_monitoring.telemetry import tracing
    except ImportError:
        return
    tracing.set_up(service)


atexit.register(shut_down)
