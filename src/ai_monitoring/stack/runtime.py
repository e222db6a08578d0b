"""The runtime folder: what a start writes from the project's own files and `.env`.

Prometheus and Alertmanager expand no variables, so moved ports are put into copies of their files. Copies are staged,
checked, and only then moved into place: a start that refuses a file leaves the last good ones to what runs. The targets
are a link, because Prometheus takes up edits there by itself.
"""

import hashlib
import os
import re
import secrets
import shutil
from pathlib import Path

from ai_monitoring.stack import targets
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.parts import HOST, admin_password
from ai_monitoring.stack.settings import DEFAULT_PORTS, Settings

_COPIED = ("prometheus", "alertmanager", "grafana")


def prepare(settings: Settings) -> None:
    """Make the folder, readable by its owner alone; what is there is kept."""
    for folder in ("data/textfile", "logs", "secrets"):
        (settings.runtime / folder).mkdir(parents=True, exist_ok=True, mode=0o700)
    settings.runtime.chmod(0o700)
    password = admin_password(settings)
    if not password.exists():
        _write_secret(password)


def stage(settings: Settings) -> Path:
    """Write copies of the files that parts read into a folder of their own, to be checked. Returns the folder."""
    staged = settings.runtime / "staged"
    shutil.rmtree(staged, ignore_errors=True)
    root = settings.root
    rules = (root / "prometheus" / "rules").glob("*.yml")
    provisioning = (root / "grafana" / "provisioning").rglob("*.yml")
    for file in (
        root / "prometheus" / "prometheus.yml",
        root / "alertmanager" / "alertmanager.yml",
        *rules,
        *provisioning,
    ):
        copy = staged / file.relative_to(root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(_moved(settings, file), encoding="utf-8")
    (staged / "prometheus" / "targets").symlink_to(root / "prometheus" / "targets")
    return staged


def put_in_place(settings: Settings, staged: Path, *, demo: bool) -> None:
    """Move the checked copies to where the parts read them, and declare the demo's services where it is wanted."""
    for name in _COPIED:
        shutil.rmtree(settings.runtime / name, ignore_errors=True)
        (staged / name).rename(settings.runtime / name)
    staged.rmdir()
    if demo:
        text = _moved(settings, settings.root / "examples" / "targets.yml")
        demo_targets(settings).write_text(text, encoding="utf-8")


def demo_targets(settings: Settings) -> Path:
    """The file that declares the demo's services, in the folder where a user declares theirs."""
    return settings.root / "prometheus" / "targets" / targets.DEMO


def _write_secret(file: Path) -> None:
    """Make a random secret that only its owner can read."""
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as stream:
        stream.write(secrets.token_urlsafe(24))


def digests(settings: Settings) -> dict[str, str]:
    """For each part that can reload, a digest of the files that it reads at start alone."""
    runtime = settings.runtime
    prometheus = runtime / "prometheus"
    files = {
        "prometheus": [prometheus / "prometheus.yml", *sorted((prometheus / "rules").glob("*.yml"))],
        "alertmanager": [runtime / "alertmanager" / "alertmanager.yml"],
        "blackbox-exporter": [settings.root / "blackbox" / "blackbox.yml"],
    }
    return {name: _digest(paths) for name, paths in files.items()}


def purge(settings: Settings) -> None:
    """Delete the runtime folder: data, logs, secrets and downloaded programs."""
    shutil.rmtree(settings.runtime)


def _digest(paths: list[Path]) -> str:
    total = hashlib.sha256()
    for path in paths:
        total.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def _moved(settings: Settings, file: Path) -> str:
    """The file's text with each of the contract's addresses at the port that `.env` gives it."""
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        name = file.relative_to(settings.root)
        raise StackError(f"{name} is not UTF-8 text: {error}.", "Save it as UTF-8; nothing was changed.") from error
    ports = {str(port): str(settings.ports[name]) for name, port in DEFAULT_PORTS.items()}
    # In one pass, so that two ports may be exchanged.
    address = rf"(?<![\d.])({re.escape(HOST)}):(\d+)"
    return re.sub(address, lambda at: f"{at[1]}:{ports.get(at[2], at[2])}", text)
