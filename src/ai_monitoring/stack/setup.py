"""`python -m ai_monitoring.stack.setup PROJECT`: what the Compose stack needs before its other services start.

Runs once, as root in a container of its own, and owns each file to the one user who reads it. With `--demo` it declares
the demo's services instead.
"""

import os
import shutil
import sys
from pathlib import Path

from ai_monitoring.stack import channels, incident_settings, receivers, runtime, settings, thresholds
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.rendering import read
from ai_monitoring.stack.settings import Settings

RENDERED = Path("/rendered")
"""Where Compose mounts a volume for each reader."""

ALERTMANAGER_FOLDER = Path("/etc/alertmanager")
"""Where Alertmanager finds its volume."""

_ALERTMANAGER_USER = 65534
_GRAFANA_USER = 472
_HOUSE_USER = 10001
_READ_DIRECTLY = ("prometheus", "blackbox", "grafana", "loki", "tempo", "otel-collector")


def main(arguments: list[str]) -> int:
    """Do it. Returns 0, or 1 after having said what is wrong."""
    root = Path(arguments[0])
    try:
        chosen = settings.load(root, {})
        if "--demo" in arguments:
            declare_demo(chosen)
        else:
            set_up(chosen, RENDERED)
    except StackError as error:
        print(f"{error.problem}\n{error.remedy}", file=sys.stderr)
        return 1
    return 0


def set_up(chosen: Settings, rendered: Path) -> None:
    """Render secrets and Alertmanager's file into `rendered`, a folder for each reader."""
    _refuse_unreadable(chosen.root)
    thresholds.check(chosen.root)
    runtime.prepare(chosen)
    secrets = chosen.admin_password.parent
    for path in (chosen.runtime, *chosen.runtime.iterdir(), *secrets.iterdir()):
        _give_to_owner(path)
    runtime.demo_targets(chosen).unlink(missing_ok=True)
    text = read(chosen.root, chosen.root / "alertmanager" / "alertmanager.yml")
    files = receivers.files(text, chosen, ALERTMANAGER_FOLDER, local=False)
    _replace(rendered / "alertmanager", files, _ALERTMANAGER_USER)
    password = runtime.make_admin_password(chosen).read_text(encoding="utf-8")
    _replace(rendered / "grafana", {"admin_password": password}, _GRAFANA_USER)
    _replace(rendered / "incidents", {incident_settings.FILE: incident_settings.text(chosen, local=False)}, _HOUSE_USER)
    _replace(rendered / "monitoring", _configuration(chosen.root), _HOUSE_USER)
    print(f"Grafana's user is admin; the password is in {chosen.admin_password.relative_to(chosen.root)}.")
    print(
        f"Alerts go to {channels.named(chosen.channels) or 'the incident log alone: .env names no Slack, no e-mail'}."
    )


def _configuration(root: Path) -> dict[str, str]:
    """monitoring.yaml and, where it is there, what is laid over it: Compose can mount no file that may be missing."""
    return {file.name: read(root, file) for file in sorted(root.glob("monitoring*.yaml"))}


def declare_demo(chosen: Settings) -> None:
    """Declare the demo's services to Prometheus, under the names that they have in Compose."""
    file = runtime.demo_targets(chosen)
    # Beside this code in the image, where the demo itself is.
    shutil.copyfile(settings.ROOT / "examples" / "targets.yml", file)
    _give_to_owner(file)


def _replace(folder: Path, files: dict[str, str], user: int) -> None:
    """Make `folder` hold these files and no other, each readable by `user` alone."""
    for old in folder.iterdir():
        if old.is_dir():
            shutil.rmtree(old)
        else:
            old.unlink()
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        runtime.write_secret(folder / name, text)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user, user)
        if path.is_dir():
            path.chmod(0o500)


def _give_to_owner(path: Path) -> None:
    """What lies in a folder belongs to whom the folder belongs."""
    owner = path.parent.stat()
    os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def _refuse_unreadable(root: Path) -> None:
    """Unprivileged users read the native files as they lie there: say so before a container fails for it."""
    for folder in _READ_DIRECTLY:
        for path in sorted((root / folder).rglob("*")):
            needed = 0o005 if path.is_dir() else 0o004
            if path.stat().st_mode & needed != needed:
                raise StackError(
                    f"{path.relative_to(root)} cannot be read by the users that containers run as.",
                    f"Set its rights: chmod -R go+rX {' '.join(_READ_DIRECTLY)}",
                )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
