"""Programs from the Debian or Ubuntu archive, as an ordinary user, without installing them.

apt checks the archive's signatures as it always does, but keeps its lists and downloads in a folder of ours, and
`dpkg-deb -x` unpacks beside the project: no root, no package script, no daemon.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from ai_monitoring.stack.errors import StackError


def available() -> bool:
    """Whether this system has an apt archive to take programs from."""
    return shutil.which("apt-get") is not None and shutil.which("dpkg-deb") is not None


def fetch(packages: Sequence[str], folder: Path, apt_options: Sequence[str] = ()) -> None:
    """Unpack `packages` (without their dependencies) into `folder`, as if it were `/`.

    `apt_options` can name another archive than the system's own. Raises StackError when the archive cannot be reached,
    lacks a package, or the disk is full.
    """
    work = folder / "apt"
    shutil.rmtree(work, ignore_errors=True)
    for name in ("lists/partial", "cache/archives/partial", "debs"):
        (work / name).mkdir(parents=True, exist_ok=True)
    options = [*_private_options(work), *apt_options]
    # Any one broken third-party source makes update fail; what counts is whether the packages can be had.
    update = _run(["apt-get", *options, "update"], work)
    download = _run(["apt-get", *options, "download", *packages], work / "debs")
    if download.returncode != 0:
        raise _archive_error(packages, update.stderr, download.stderr)
    for deb in sorted((work / "debs").glob("*.deb")):
        unpack = _run(["dpkg-deb", "-x", str(deb), str(folder)], work)
        if unpack.returncode != 0:
            raise StackError(
                f"{deb.name} could not be unpacked: {_last_line(unpack.stderr)}",
                "Free some disk space, then start again.",
            )
    shutil.rmtree(work)


def _private_options(work: Path) -> list[str]:
    settings = {
        "Dir::State::Lists": work / "lists",
        "Dir::Cache": work / "cache",
        "Debug::NoLocking": 1,
        # apt would drop from root to a user who cannot write into this folder.
        "APT::Sandbox::User": "",
    }
    return ["-qq", *(f"-o{name}={value}" for name, value in settings.items())]


def _run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    # What went wrong is told from apt's words, hence in English.
    return subprocess.run(
        command,
        cwd=folder,
        env=os.environ | {"LC_ALL": "C"},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def _archive_error(packages: Sequence[str], update: str, download: str) -> StackError:
    names = ", ".join(packages)
    trouble = ("ailed to fetch", "Could not", "is expired", "is not signed")
    if any(words in update for words in trouble) or "Unable to locate" not in download:
        return StackError(
            f"The package archive could not be used for {names}: {_last_line(update + download)}",
            "Connect to the network for this first start, or put the programs on PATH.",
        )
    return StackError(
        f"This system's package archive does not offer all of {names}.",
        "Enable Debian's `main` or Ubuntu's `universe` in the apt sources, or put the programs on PATH.",
    )


def _last_line(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[-1] if lines else "no reason given"
