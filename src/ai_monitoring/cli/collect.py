"""`ai-monitoring collect`: a daemon that records what services in any language send."""

import argparse
import importlib.util
import logging
import os

from ai_monitoring.stack import settings
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.rendering import HOST

NEEDED = ("uvicorn", "httpx2", "cramjam", "opentelemetry.sdk")
"""One package of each extra that the daemon is made of."""

_END_SECONDS = 2
"""What is under way when the process is told to end has so long to be answered."""

NAME = "collect"
"""Of the service: in Prometheus, in logs, and in the network of the Compose stack."""


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The verb, on the command line."""
    verb = verbs.add_parser(
        "collect",
        help="a daemon that records AI requests sent over HTTP or OTLP",
        description="Record AI requests that services in any language send over HTTP or OTLP (docs/collect.md).",
    )
    verb.add_argument("--port", type=_port, metavar="PORT", help="on 127.0.0.1; default: COLLECT_PORT of .env, or 9096")


def run(options: argparse.Namespace) -> int:
    """Serve until a signal ends it. Returns the exit status; raises StackError where it cannot begin."""
    missing = [name for name in NEEDED if not _is_there(name)]
    if missing:
        raise StackError(f"collect needs {missing[0]}.", "Install what it needs: pip install 'ai-monitoring[collect]'")
    serve(options.port or settings.load().ports["COLLECT_PORT"])
    return 0


def serve(port: int) -> None:
    """On loopback, or where AI_MONITORING_HOST says, as our image does. Raises StackError for a monitoring.yaml that
    cannot be used, and for a port that another program has.
    """
    import uvicorn

    from ai_monitoring import telemetry
    from ai_monitoring.collect.application import application
    from ai_monitoring.collector.collector import MetricsCollector
    from ai_monitoring.configuration import ConfigurationError, load_config
    from ai_monitoring.hosts import LOOPBACK

    try:
        collector = MetricsCollector(load_config())
    except ConfigurationError as error:
        raise StackError(f"{error}.", "Correct it: docs/collect.md says what it may hold.") from error
    host = os.environ.get("AI_MONITORING_HOST", HOST)
    names = LOOPBACK if host == HOST else LOOPBACK | {NAME}
    telemetry.set_up(NAME)
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    logging.getLogger("ai_monitoring.collect").info("Records are taken at http://%s:%d", host, port)
    try:
        uvicorn.run(
            application(collector, names=names),
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=_END_SECONDS,
        )
    except SystemExit as error:
        # uvicorn has logged why.
        raise StackError(
            f"{host}:{port} cannot be listened on.",
            "The stack runs a daemon of its own there; give this one another port: --port, or COLLECT_PORT in .env",
        ) from error


def _is_there(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:6]) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is no port from 1 to 65535")
    return int(text)
