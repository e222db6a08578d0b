"""What the process is told when it starts."""

import argparse
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ai_monitoring.embedded.store.retention import Keep

_TIME = {"h": 3600 * 10**9, "d": 86_400 * 10**9}
_SIZE = {"MB": 10**6, "GB": 10**9}
_PORTS = {
    "viewer": "dashboards",
    "loki": "logs as Loki takes and answers them",
    "tempo": "traces as Tempo answers them",
    "otlp_http": "OTLP over HTTP",
    "otlp_grpc": "OTLP over gRPC",
    "metrics": "the process's own metrics and health",
}
"""What each port is for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """Ports are of loopback; None is a service that is not wanted. `loki_at` is the address of a Loki that runs, in
    whose place nothing is served then. `project` holds grafana/dashboards and docs/runbooks.
    """

    data: Path
    project: Path
    password_file: Path
    prometheus: str
    alertmanager: str
    keep: Keep
    viewer: int | None
    loki: int | None
    tempo: int | None
    otlp_http: int | None
    otlp_grpc: int | None
    metrics: int | None
    loki_at: str | None


def arguments(argv: Sequence[str] | None = None) -> Arguments:
    """Parse the command line; prints help or what is wrong with it, and exits, as argparse does."""
    parser = argparse.ArgumentParser(
        prog="python -m ai_monitoring.embedded",
        description="Logs, traces and dashboards in one process, without Docker. start_monitoring.py starts it.",
    )
    parser.add_argument("--data", type=Path, required=True, help="the folder of the store")
    parser.add_argument("--project", type=Path, required=True, help="the folder with grafana/ and docs/runbooks/")
    parser.add_argument("--password-file", type=Path, required=True, help="holds the password of the user admin")
    parser.add_argument("--prometheus", default="http://127.0.0.1:9090")
    parser.add_argument("--alertmanager", default="http://127.0.0.1:9093")
    parser.add_argument("--loki-at", help="a Loki that runs: logs are its own")
    parser.add_argument("--keep", type=_nanoseconds, default=Keep().age, help="age of the oldest data: 7d, 12h")
    parser.add_argument("--keep-size", type=_bytes, default=Keep().bytes, help="room of all data: 2GB, 500MB")
    for name, meaning in _PORTS.items():
        parser.add_argument(_option(name), type=_port, metavar="PORT", help=f"port of {meaning}; without it: none")
    given = vars(parser.parse_args(argv))
    if problem := _problem(given):
        parser.error(problem)
    keep = Keep(age=given.pop("keep"), bytes=given.pop("keep_size"))
    return Arguments(keep=keep, **given)


def _problem(given: Mapping[str, Any]) -> str | None:
    ports = [given[name] for name in _PORTS if given[name] is not None]
    if not ports:
        return f"no port is given, so there is nothing to serve: {', '.join(_option(name) for name in _PORTS)}"
    if twice := next((port for port in ports if ports.count(port) > 1), None):
        return f"port {twice} is given twice: each service needs its own"
    return _viewer_problem(given["project"], given["password_file"]) if given["viewer"] is not None else None


def _viewer_problem(project: Path, password_file: Path) -> str | None:
    if not (project / "grafana" / "dashboards").is_dir():
        return f"--project {project} has no folder grafana/dashboards: name the one that start_monitoring.py is in"
    try:
        written = password_file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        return f"--password-file {password_file} cannot be read ({error}): start_monitoring.py makes it"
    return None if written else f"--password-file {password_file} is empty: write the password of the user admin there"


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text[:9]) < 2**16):
        raise argparse.ArgumentTypeError(f"{text!r} is no port: 1 to 65535")
    return int(text)


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")


def _nanoseconds(text: str) -> int:
    return _quantity(text, _TIME, "days or hours such as 7d")


def _bytes(text: str) -> int:
    return _quantity(text, _SIZE, "a size such as 2GB")


def _quantity(text: str, units: dict[str, int], example: str) -> int:
    match = re.fullmatch(rf"(\d+)({'|'.join(units)})", text)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not {example}")
    return int(match[1]) * units[match[2]]
