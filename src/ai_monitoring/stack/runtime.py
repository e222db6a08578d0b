"""The runtime folder: what a start writes from the project's own files and `.env`.

Prometheus and Alertmanager expand no variables, so moved ports are put into copies of their files; line numbers stay,
and rules and targets are links, so that what a user edits is what runs.
"""

import hashlib
import os
import secrets
import shutil
from pathlib import Path

from ai_monitoring.stack.parts import HOST
from ai_monitoring.stack.settings import DEFAULT_PORTS, Settings


def write(settings: Settings, *, demo: bool) -> None:
    """Write the runtime folder, readable by its owner alone; data, logs and the administrator's password are kept."""
    runtime = settings.runtime
    for folder in ("data", "logs", "prometheus", "alertmanager", "grafana"):
        (runtime / folder).mkdir(parents=True, exist_ok=True, mode=0o700)
    runtime.chmod(0o700)
    _copy(settings, "prometheus/prometheus.yml")
    _copy(settings, "alertmanager/alertmanager.yml")
    _copy(settings, "grafana/provisioning/datasources/datasources.yml")
    for name in ("rules", "targets"):
        _link(runtime / "prometheus" / name, settings.root / "prometheus" / name)
    write_secret(runtime / "grafana" / "admin_password")
    if demo:
        _write(demo_targets(settings), _moved(settings, settings.root / "examples" / "targets.yml"))


def demo_targets(settings: Settings) -> Path:
    """The file that declares the demo's services, in the folder where a user declares theirs."""
    return settings.root / "prometheus" / "targets" / "demo.yml"


def write_secret(file: Path) -> None:
    """Make a random secret that only its owner can read, unless the file is there."""
    if not file.exists():
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as stream:
            stream.write(secrets.token_urlsafe(24))


def digests(settings: Settings) -> dict[str, str]:
    """For each part that can reload, a digest of the files that it reads at start alone."""
    runtime, root = settings.runtime, settings.root
    files = {
        "prometheus": [
            runtime / "prometheus" / "prometheus.yml",
            *sorted((root / "prometheus" / "rules").glob("*.yml")),
        ],
        "alertmanager": [runtime / "alertmanager" / "alertmanager.yml"],
        "blackbox-exporter": [root / "blackbox" / "blackbox.yml"],
    }
    return {name: _digest(paths) for name, paths in files.items()}


def purge(settings: Settings) -> None:
    """Delete the runtime folder: data, logs, secrets and downloaded programs."""
    shutil.rmtree(settings.runtime, ignore_errors=False)


def _digest(paths: list[Path]) -> str:
    total = hashlib.sha256()
    for path in paths:
        total.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def _copy(settings: Settings, name: str) -> None:
    _write(settings.runtime / name, _moved(settings, settings.root / name))


def _moved(settings: Settings, file: Path) -> str:
    """The file's text with each of the contract's addresses at the port that `.env` gives it."""
    text = file.read_text(encoding="utf-8")
    marks = {name: f"\0{name}\0" for name in DEFAULT_PORTS}
    # In two passes, so that two ports may be exchanged.
    for name, port in DEFAULT_PORTS.items():
        text = text.replace(f"{HOST}:{port}", f"{HOST}:{marks[name]}")
    for name, mark in marks.items():
        text = text.replace(mark, str(settings.ports[name]))
    return text


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not file.exists() or file.read_text(encoding="utf-8") != text:
        file.write_text(text, encoding="utf-8")


def _link(link: Path, target: Path) -> None:
    if link.is_symlink() and link.readlink() == target:
        return
    link.unlink(missing_ok=True)
    link.symlink_to(target)
