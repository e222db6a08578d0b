"""What the process is told when it starts."""

import argparse
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ai_monitoring.embedded.store.retention import Keep

_TIME = {"h": 3600 * 10**9, "d": 86_400 * 10**9}
_SIZE = {"MB": 10**6, "GB": 10**9}


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
    for name, meaning in (
        ("viewer", "dashboards"),
        ("loki", "logs as Loki takes and answers them"),
        ("tempo", "traces as Tempo answers them"),
        ("otlp-http", "OTLP over HTTP"),
        ("otlp-grpc", "OTLP over gRPC"),
        ("metrics", "the process's own metrics and health"),
    ):
        parser.add_argument(f"--{name}", type=int, metavar="PORT", help=f"port of {meaning}; without it: none")
    given = vars(parser.parse_args(argv))
    keep = Keep(age=given.pop("keep"), bytes=given.pop("keep_size"))
    return Arguments(keep=keep, **given)


def _nanoseconds(text: str) -> int:
    return _quantity(text, _TIME, "days or hours such as 7d")


def _bytes(text: str) -> int:
    return _quantity(text, _SIZE, "a size such as 2GB")


def _quantity(text: str, units: dict[str, int], example: str) -> int:
    match = re.fullmatch(rf"(\d+)({'|'.join(units)})", text)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not {example}")
    return int(match[1]) * units[match[2]]
