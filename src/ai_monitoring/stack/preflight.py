"""What must hold before anything is started: room, free ports, files that their programs accept."""

import errno
import json
import re
import shutil
import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from ai_monitoring.stack import messages, targets, thresholds
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.part import Part
from ai_monitoring.stack.rendering import HOST
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
    """Refuse to start where other programs hold ports; all of them are told at once."""
    taken = [(part, name, port) for part in parts for name, port in part.ports.items() if not _free(port)]
    if taken:
        raise StackError(
            "\n".join(f"Port {port}, which {part.title} needs, is in use{_holder(port)}." for part, _, port in taken),
            f"Stop what holds it, or set another port in .env: {', '.join(name for _, name, _ in taken)}.",
        )


def check_files(settings: Settings, programs: Mapping[str, Path], staged: Path) -> None:
    """Refuse files that Prometheus, Alertmanager or the blackbox exporter would refuse, as their own checkers do.

    `staged` holds the copies that would be used.
    """
    root = settings.root
    promtool, amtool, blackbox = (str(programs[name]) for name in ("promtool", "amtool", "blackbox"))
    for file in targets.files(root):
        targets.check_labels(file)
        _check_targets(promtool, file, staged)
    thresholds.check(root)
    check_file(
        [promtool, "check", "config", str(staged / "prometheus" / "prometheus.yml")],
        "prometheus/prometheus.yml",
        settings,
    )
    check_file(
        [amtool, "check-config", str(staged / "alertmanager" / "alertmanager.yml")],
        "alertmanager/alertmanager.yml",
        settings,
    )
    rendered, originals = (folder / "alertmanager" / messages.FOLDER for folder in (staged, root))
    for command in messages.checks(amtool, str(rendered), str(originals)):
        check_file(command, "alertmanager/templates", settings)
    check_file(
        [blackbox, "--config.check", f"--config.file={root / 'blackbox' / 'blackbox.yml'}"],
        "blackbox/blackbox.yml",
        settings,
    )


def valid_files(settings: Settings) -> str:
    """What has been checked, for a person."""
    rules = len(list((settings.root / "prometheus" / "rules").glob("*.yml")))
    return f"prometheus.yml with {rules} rule files, alertmanager.yml, its messages and blackbox.yml are valid"


def _check_targets(promtool: str, file: Path, staged: Path) -> None:
    """Check one file of declared services by itself: promtool names no file when it checks a folder of them."""
    config = staged / "targets.yml"
    config.write_text(
        json.dumps({"scrape_configs": [{"job_name": "check", "file_sd_configs": [{"files": [str(file)]}]}]}),
        encoding="utf-8",
    )
    result = _run([promtool, "check", "config", str(config)], staged)
    config.unlink()
    if result.returncode != 0:
        raise StackError(
            f"prometheus/targets/{file.name} is not valid:\n{_complaint(result)}",
            "Correct the file; nothing was changed.",
        )


def check_file(command: list[str], file: str, settings: Settings) -> None:
    """Refuse a native file that `command`, its program's own checker, refuses. Raises StackError with its complaint."""
    result = _run(command, settings.runtime)
    if result.returncode == 0:
        return
    # Errors name the staged copies, whose lines are those of the project's own files: name these instead.
    complaint = _complaint(result).replace(f"{settings.runtime}/staged/", "").replace(f"{settings.root}/", "")
    complaint += _undefined(complaint, settings.root / file)
    raise StackError(
        f"{file}, or a file that it reads, is not valid:\n{complaint}", "Correct the file; nothing was changed."
    )


def _undefined(complaint: str, file: Path) -> str:
    """The lines of a name that amtool misses, which it tells of without a line; empty where there is none."""
    missed = re.search(r'undefined (?:receiver|time interval|mute time interval) \\?"([^"\\]+)', complaint)
    if missed is None or not file.is_file():
        return ""
    named = re.compile(rf"^[^#]*(?<![\w-]){re.escape(missed[1])}(?![\w-])")
    lines = [str(n) for n, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1) if named.match(line)]
    return f"\n  It is named on line {', '.join(lines)}." if lines else ""


def _run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)


def _complaint(result: subprocess.CompletedProcess[str]) -> str:
    lines = [line.strip() for line in (result.stdout + result.stderr).splitlines() if line.strip()]
    # promtool tells which file it is at, then what is wrong; paths may hold any word.
    lines = [line for line in lines if not re.match(r"Checking (?!.*  FAILED)|SUCCESS", line)]
    start = next((number for number, line in enumerate(lines) if "FAILED" in line or "error" in line.lower()), 0)
    shown = [line for line in lines[start:] if line != "FAILED:"]
    return "\n".join(f"  {line}" for line in list(dict.fromkeys(shown))[:8])


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
    try:
        # Not at the top: ports are looked at before the environment that holds psutil is made.
        import psutil
    except ModuleNotFoundError:
        return ""
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
