"""What must hold before anything is started: room, free ports, files that their programs accept."""

import errno
import shutil
import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.parts import HOST, Part
from ai_monitoring.stack.settings import Settings

NEEDED_BYTES = 1_000_000_000


def check_disk(settings: Settings) -> None:
    """Refuse to start where metrics could not be kept."""
    free = shutil.disk_usage(settings.root).free
    if free < NEEDED_BYTES:
        raise StackError(
            f"The disk of {settings.root} has {free / 1e6:.0f} MB free; the stack needs {NEEDED_BYTES / 1e6:.0f} MB.",
            "Free some space, or move the project to a larger disk.",
        )


def check_ports(parts: Sequence[Part]) -> None:
    """Refuse to start where another program holds a port."""
    for part in parts:
        if part.port and not _free(part.port):
            raise StackError(
                f"Port {part.port}, which {part.title} needs, is in use{_holder(part.port)}.",
                f"Stop that program, or set {part.setting} to another port in .env.",
            )


def check_files(settings: Settings, programs: Mapping[str, Path]) -> None:
    """Refuse files that Prometheus, Alertmanager or the blackbox exporter would refuse, as their own checkers do."""
    runtime, root = settings.runtime, settings.root
    prometheus = runtime / "prometheus" / "prometheus.yml"
    # The links beside the copy lead back to the project's own rules and targets.
    _check([str(programs["promtool"]), "check", "config", str(prometheus)], runtime, root / "prometheus")
    alertmanager = runtime / "alertmanager" / "alertmanager.yml"
    _check([str(programs["amtool"]), "check-config", str(alertmanager)], runtime, root / "alertmanager")
    blackbox = root / "blackbox" / "blackbox.yml"
    _check([str(programs["blackbox"]), "--config.check", f"--config.file={blackbox}"], runtime, root / "blackbox")


def _check(command: list[str], runtime: Path, folder: Path) -> None:
    result = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    if result.returncode == 0:
        return
    # Errors name the runtime copy, whose lines are those of the project's own file: name that one instead.
    output = (result.stdout + result.stderr).replace(str(runtime / folder.name), str(folder))
    raise StackError(
        f"{folder.name}'s files are not valid:\n{_complaint(output)}", "Correct the file; nothing was changed."
    )


def _complaint(output: str) -> str:
    lines = [line.rstrip() for line in output.splitlines() if line.strip()]
    start = next((number for number, line in enumerate(lines) if "FAILED" in line or "error" in line.lower()), 0)
    return "\n".join(f"  {line}" for line in lines[start : start + 8] if "SUCCESS" not in line)


def _free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: a connection that lingers from the last run does not hold the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            if error.errno == errno.EACCES:
                raise StackError(
                    f"Port {port} is for the superuser alone.", "Choose a port above 1023 in .env."
                ) from error
            return False
    return True


def _holder(port: int) -> str:
    # Not at the top: the plan is printed before the environment that holds psutil is made.
    import psutil

    try:
        connections = psutil.net_connections("tcp")
    except psutil.AccessDenied:
        return ""
    pids = [
        item.pid
        for item in connections
        if item.status == psutil.CONN_LISTEN and item.laddr and item.laddr.port == port and item.pid
    ]
    if not pids:
        return " by another user's program"
    try:
        return f" by {psutil.Process(pids[0]).name()} (process {pids[0]})"
    except psutil.Error:
        return ""
