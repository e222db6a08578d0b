"""The runtime folder: what a start writes from the project's own files and `.env`.

Prometheus and Alertmanager expand no variables, so `.env` is put into copies of their files. These are staged,
checked, and only then moved into place: a start that refuses a file leaves the last good ones to what runs. The targets
are a link, because Prometheus takes up edits there by itself. In the Compose stack the same is done by `stack.setup`.
"""

import hashlib
import os
import secrets
import shutil
from pathlib import Path

from ai_monitoring.stack import incident_settings, receivers, targets
from ai_monitoring.stack.rendering import on_loopback, read
from ai_monitoring.stack.settings import Settings

_COPIED = ("prometheus", "alertmanager", "grafana")


def prepare(settings: Settings) -> None:
    """Make the folder, readable by its owner alone; what is there is kept."""
    for folder in ("data/textfile", "logs", "secrets"):
        (settings.runtime / folder).mkdir(parents=True, exist_ok=True, mode=0o700)
    settings.runtime.chmod(0o700)
    make_admin_password(settings)


def make_admin_password(settings: Settings) -> Path:
    """Make the password of Grafana's administrator, unless there is one. Returns its file."""
    password = settings.admin_password
    if not password.exists():
        write_secret(password, secrets.token_urlsafe(24))
    return password


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
        text = on_loopback(read(root, file), settings.ports)
        # Where Compose mounts the dashboards, and where they are without it.
        text = text.replace("/etc/grafana/dashboards", str(root / "grafana" / "dashboards"))
        copy.write_text(text, encoding="utf-8")
    _add_channels(settings, staged / "alertmanager")
    (staged / "prometheus" / "targets").symlink_to(root / "prometheus" / "targets")
    return staged


def put_in_place(settings: Settings, staged: Path, *, demo: bool) -> None:
    """Move the checked copies to where the parts read them, and declare the demo's services where it is wanted."""
    for name in _COPIED:
        shutil.rmtree(settings.runtime / name, ignore_errors=True)
        (staged / name).rename(settings.runtime / name)
    staged.rmdir()
    _replace_secret(incidents_file(settings), incident_settings.text(settings, local=True))
    if demo:
        text = read(settings.root, settings.root / "examples" / "targets.yml")
        demo_targets(settings).write_text(on_loopback(text, settings.ports), encoding="utf-8")


def _add_channels(settings: Settings, folder: Path) -> None:
    """Put Slack and e-mail into the copy of Alertmanager's file in `folder`, their texts and secrets beside it."""
    file = folder / "alertmanager.yml"
    text = file.read_text(encoding="utf-8")
    file.unlink()
    for name, content in receivers.files(text, settings, settings.runtime / "alertmanager", local=True).items():
        (folder / name).parent.mkdir(exist_ok=True)
        write_secret(folder / name, content)


def demo_targets(settings: Settings) -> Path:
    """The file that declares the demo's services, in the folder where a user declares theirs."""
    return settings.root / "prometheus" / "targets" / targets.DEMO


def incidents_file(settings: Settings) -> Path:
    """What the incident service reads of `.env`, at each look whether a digest is due."""
    return settings.runtime / "secrets" / f"incidents-{incident_settings.FILE}"


def write_secret(file: Path, secret: str) -> None:
    """Write a file that its owner alone can ever read. Raises FileExistsError where there is one."""
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as stream:
        stream.write(secret)


def _replace_secret(file: Path, secret: str) -> None:
    """In one step: whoever reads it finds the old one or the new one, whole."""
    file.parent.mkdir(mode=0o700, exist_ok=True)
    new = file.with_suffix(".new")
    new.unlink(missing_ok=True)
    write_secret(new, secret)
    new.replace(file)


def digests(settings: Settings) -> dict[str, str]:
    """For each part that can reload, a digest of the files that it reads at start alone."""
    runtime = settings.runtime
    prometheus, alertmanager = runtime / "prometheus", runtime / "alertmanager"
    files = {
        "prometheus": [prometheus / "prometheus.yml", *sorted((prometheus / "rules").glob("*.yml"))],
        "alertmanager": [alertmanager / "alertmanager.yml", *sorted(alertmanager.glob("templates/*"))],
        "blackbox-exporter": [settings.root / "blackbox" / "blackbox.yml"],
    }
    return {name: digest(paths) for name, paths in files.items()}


def purge(settings: Settings) -> None:
    """Delete the runtime folder: data, logs, secrets and downloaded programs."""
    shutil.rmtree(settings.runtime)


def digest(paths: list[Path]) -> str:
    """One digest of the names and contents of these files."""
    total = hashlib.sha256()
    for path in paths:
        total.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()
