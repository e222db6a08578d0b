"""A Docker engine for the tests: the one that answers, or as root one of their own, from Debian's packages.

The engine's own files lie in .cache, so that a second run finds the images of the first.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from programs import CACHE, unpacked

CLIENTS = ("docker-compose", "docker-buildx")
"""The client's plugins, from Debian sid: Compose 2.40, buildx 0.29."""


@contextmanager
def engine() -> Iterator[str]:
    """An engine with Compose, named by the environment while this lasts. Yields what it is, in words."""
    found = _answer()
    if found:
        yield found
        return
    if os.getuid() != 0:
        raise RuntimeError("No Docker engine answers, and only root can start one: start Docker, or run this as root.")
    _install()
    with tempfile.TemporaryDirectory(prefix="docker-") as folder, _set(_environment(Path(folder))):
        log = (Path(folder) / "log").open("w")
        command = ["dockerd", "--data-root", str(CACHE / "docker"), "--exec-root", f"{folder}/exec"]
        command += ["--pidfile", f"{folder}/pid", "--host", os.environ["DOCKER_HOST"]]
        with log, subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT) as daemon:
            try:
                yield _wait(daemon, Path(folder) / "log")
            finally:
                daemon.terminate()
                daemon.wait()
                # What a daemon leaves mounted when it ends.
                subprocess.run(["umount", "--lazy", f"{folder}/exec/netns/default"], capture_output=True, check=False)


def _answer() -> str:
    """What answers, in words; empty without an engine or without Compose."""
    if shutil.which("docker") is None:
        return ""
    versions = [
        subprocess.run(["docker", *command], capture_output=True, text=True, check=False).stdout.strip()
        for command in (["version", "--format", "{{.Server.Version}}"], ["compose", "version", "--short"])
    ]
    return "Docker {}, Compose {}".format(*versions) if all(versions) else ""


def _install() -> None:
    if shutil.which("dockerd") is None or shutil.which("iptables") is None:
        for command in (["update", "-qq"], ["install", "-qq", "--no-install-recommends", "docker.io", "iptables"]):
            subprocess.run(["apt-get", *command, "-y"], check=True, stdout=subprocess.DEVNULL)
    if shutil.which("debootstrap") is None:
        command = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", "debootstrap"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _environment(folder: Path) -> dict[str, str]:
    plugins = unpacked("sid", CLIENTS, CACHE / "docker-clients") / "usr" / "libexec" / "docker" / "cli-plugins"
    (folder / "config").mkdir()
    (folder / "config" / "cli-plugins").symlink_to(plugins)
    return {"DOCKER_HOST": f"unix://{folder}/socket", "DOCKER_CONFIG": f"{folder}/config"}


@contextmanager
def _set(values: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


def _wait(daemon: "subprocess.Popen[bytes]", log: Path) -> str:
    deadline = time.monotonic() + 60
    while not (found := _answer()):
        if daemon.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"The engine does not start:\n{log.read_text(encoding='utf-8')[-2000:]}")
        time.sleep(0.3)
    return found
