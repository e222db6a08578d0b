"""`ai-monitoring collect`: a daemon that records what services in any language send."""

import argparse
import importlib.util
import logging

from ai_monitoring.stack import settings
from ai_monitoring.stack.errors import StackError

NEEDED = ("uvicorn", "httpx2", "cramjam", "opentelemetry.sdk")
"""One package of each extra that the daemon is made of."""


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
    serve(options.port or settings.load().collect_port)
    return 0


def serve(port: int) -> None:
    """Raises StackError for a monitoring.yaml that cannot be used, and for a port that another program has."""
    import uvicorn

    from ai_monitoring import telemetry
    from ai_monitoring.collect.application import application
    from ai_monitoring.collector.collector import MetricsCollector
    from ai_monitoring.configuration import ConfigurationError, load_config

    try:
        collector = MetricsCollector(load_config())
    except ConfigurationError as error:
        raise StackError(f"{error}.", "Correct it: docs/collect.md says what it may hold.") from error
    telemetry.set_up("collect")
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    logging.getLogger("ai_monitoring.collect").info("Records are taken at http://127.0.0.1:%d", port)
    try:
        uvicorn.run(application(collector), host="127.0.0.1", port=port, log_config=None, access_log=False)
    except SystemExit as error:
        # uvicorn has logged why.
        raise StackError(
            f"127.0.0.1:{port} cannot be listened on.", "Choose another port: --port, or COLLECT_PORT in .env"
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
