"""Two releases of the watch's programs for the tests: Debian's packages, unpacked into .cache/programs/<suite>.

Fetched once, as an ordinary user, through apt's own signed chain. Nothing is installed and no root is needed.
"""

import fcntl
import os
import subprocess
import tempfile
from pathlib import Path

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
    Raises RuntimeError with apt's own words when they cannot be fetched.
    """
    folder = CACHE / suite
    complete = folder / "complete"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # of pytest-xdist's workers, one fetches and the others wait
        if not complete.exists():
            _fetch(suite, folder)
            relocate_alertmanager(folder)
            complete.touch()
    return folder / "usr" / "bin"


def _fetch(suite: str, folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as name:
        work = Path(name)
        source = f"deb [signed-by={_keyring(work)}] http://deb.debian.org/debian {suite} main\n"
        (work / "sources.list").write_text(source, encoding="utf-8")
        own = (f"-oDir::Etc::sourcelist={work / 'sources.list'}", "-oDir::Etc::sourceparts=/dev/null")
        _download(PACKAGES[suite], work / suite, own, folder)


def _keyring(work: Path) -> Path:
    """Debian's keys: the machine's, or on Ubuntu those that its own signed archive carries."""
    if _KEYRING.exists():
        return _KEYRING
    _download(("debian-archive-keyring",), work / "keys", (), work)
    return work / _KEYRING.relative_to("/")


def _download(packages: tuple[str, ...], work: Path, options: tuple[str, ...], into: Path) -> None:
    for part in ("lists/partial", "cache/archives/partial", "debs"):
        (work / part).mkdir(parents=True)
    apt = (
        "apt-get",
        "-qq",
        f"-oDir::State::Lists={work / 'lists'}",
        f"-oDir::Cache={work / 'cache'}",
        "-oDebug::NoLocking=1",
        "-oAPT::Sandbox::User=",
        *options,
    )
    _call(*apt, "update", cwd=work)
    _call(*apt, "download", *packages, cwd=work / "debs")
    for package in (work / "debs").glob("*.deb"):
        _call("dpkg-deb", "-x", str(package), str(into), cwd=work)


def _call(*command: str, cwd: Path) -> None:
    environment = os.environ | {"LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
    result = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    if result.returncode:
        raise RuntimeError(f"{' '.join(command)} failed: {result.stderr or result.stdout}")
