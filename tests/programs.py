"""Two releases of the watch's programs for the tests: Debian's packages, unpacked into .cache/programs/<suite>.

Fetched once, as an ordinary user, through apt's own signed chain. Nothing is installed and no root is needed.
"""

import fcntl
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from ai_monitoring.stack import archive
from ai_monitoring.stack.relocation import relocate_alertmanager

PACKAGES = {
    "bookworm": (  # Prometheus 2.42, Alertmanager 0.25
        "prometheus",
        "prometheus-alertmanager",
        "prometheus-node-exporter",
        "prometheus-blackbox-exporter",
    ),
    "sid": ("prometheus", "promtool", "prometheus-alertmanager"),  # Prometheus 3.5, Alertmanager 0.33
}
SUITES = tuple(PACKAGES)

CACHE = Path(__file__).parents[1] / ".cache" / "programs"
_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


def programs(suite: str) -> Path:
    """The folder that holds that suite's programs, fetched first if it is not there.

    Alertmanager must be started in `CACHE`, see `ai_monitoring.stack.relocation`.
    Raises StackError when they cannot be fetched.
    """
    return unpacked(suite, PACKAGES[suite], CACHE / suite, relocate_alertmanager) / "usr" / "bin"


def unpacked(suite: str, packages: Sequence[str], folder: Path, finish: Callable[[Path], object] = Path) -> Path:
    """`folder`, with these packages of that suite unpacked into it; fetched first if it is not there, then finished.

    Raises StackError when they cannot be fetched.
    """
    complete = folder / "complete"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # of pytest-xdist's workers, one fetches and the others wait
        if not complete.exists():
            _fetch(suite, packages, folder)
            finish(folder)
            complete.touch()
    return folder


def _fetch(suite: str, packages: Sequence[str], folder: Path) -> None:
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "sources.list"
        source.write_text(
            f"deb [signed-by={_keyring(Path(name))}] http://deb.debian.org/debian {suite} main\n", encoding="utf-8"
        )
        options = {
            "Dir::Etc::sourcelist": source,
            "Dir::Etc::sourceparts": "/dev/null",
            # A mirror that lags behind for days serves the tests as well; signatures are checked all the same.
            "Acquire::Check-Valid-Until": "false",
        }
        archive.fetch(packages, folder, [f"-o{name}={value}" for name, value in options.items()])


def _keyring(work: Path) -> Path:
    """Debian's keys: the machine's, or on Ubuntu those that its own signed archive carries."""
    if not _KEYRING.exists():
        archive.fetch(["debian-archive-keyring"], work)
        return work / _KEYRING.relative_to("/")
    return _KEYRING
