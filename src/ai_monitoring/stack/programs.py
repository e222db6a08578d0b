"""Where the programs of the watch are: on PATH, downloaded earlier, or to be fetched from the system's archive."""

import platform
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ai_monitoring.stack import archive
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.relocation import relocate_alertmanager


@dataclass(frozen=True, slots=True)
class Program:
    """One program: its names on PATH (upstream's first), and the Debian package that carries it."""

    title: str
    names: tuple[str, ...]
    package: str


PROGRAMS = {
    "prometheus": Program("Prometheus", ("prometheus",), "prometheus"),
    "promtool": Program("promtool", ("promtool",), "prometheus"),
    "alertmanager": Program("Alertmanager", ("alertmanager", "prometheus-alertmanager"), "prometheus-alertmanager"),
    "amtool": Program("amtool", ("amtool",), "prometheus-alertmanager"),
    "node": Program("node exporter", ("node_exporter", "prometheus-node-exporter"), "prometheus-node-exporter"),
    "blackbox": Program(
        "blackbox exporter", ("blackbox_exporter", "prometheus-blackbox-exporter"), "prometheus-blackbox-exporter"
    ),
}
_BY_HAND = {
    "Darwin": "brew install prometheus alertmanager node_exporter blackbox_exporter",
    "arch": "pacman -S prometheus alertmanager prometheus-node-exporter prometheus-blackbox-exporter",
    "alpine": "apk add prometheus alertmanager prometheus-node-exporter prometheus-blackbox-exporter",
}
VERSION_WITHIN = 10.0
"""Seconds that a program has to tell its version."""

_ANYWHERE = "download them from https://prometheus.io/download/ and put them on PATH"


def found(folder: Path) -> dict[str, Path]:
    """The programs that are here: on PATH, else in `folder`, where an earlier start unpacked the archive's."""
    unpacked = str(folder / "usr" / "bin")
    places = {
        key: next(
            (hit for path in (None, unpacked) for name in program.names if (hit := shutil.which(name, path=path))), None
        )
        for key, program in PROGRAMS.items()
    }
    return {key: Path(place) for key, place in places.items() if place}


def fetch_missing(folder: Path) -> Mapping[str, Path]:
    """Every program, those not here fetched into `folder`. Raises StackError when that cannot be done."""
    programs = found(folder)
    missing = [key for key in PROGRAMS if key not in programs]
    if not missing:
        return programs
    if not archive.available():
        raise StackError(
            f"{_titles(missing)}: not on PATH, and this system has no apt archive to take them from.", advice()
        )
    archive.fetch(sorted({PROGRAMS[key].package for key in missing}), folder)
    relocate_alertmanager(folder)
    programs = found(folder)
    missing = [key for key in PROGRAMS if key not in programs]
    if missing:
        raise StackError(f"The archive's packages do not contain {_titles(missing)}.", f"Instead, {_ANYWHERE}.")
    return programs


def version(program: Path) -> str:
    """The version that a Prometheus-style program prints of itself, such as `2.42.0`; empty when it tells none."""
    command = [str(program), "--version"]
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=VERSION_WITHIN, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    match = re.search(r"version v?(\d+\.\d+[\d.]*)", result.stdout + result.stderr)
    return match[1] if match else ""


def _titles(keys: Iterable[str]) -> str:
    return ", ".join(PROGRAMS[key].title for key in keys)


def advice() -> str:
    """How a person gets the programs onto this system, where no archive can be used."""
    command = _BY_HAND.get(platform.system()) or _BY_HAND.get(_distribution())
    return f"Install them: {command}; or {_ANYWHERE}." if command else f"Instead, {_ANYWHERE}."


def _distribution() -> str:
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return ""
    likes = [release.get("ID", ""), *release.get("ID_LIKE", "").split()]
    return next((name for name in likes if name in _BY_HAND), "")
