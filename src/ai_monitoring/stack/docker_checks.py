"""Whether the Docker engine can carry the stack: each reason against it, with what to do."""

import json
import os
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

from ai_monitoring.stack.compose import Compose, docker, image_present
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.settings import Settings

ANSWERS_WITHIN = 10.0
"""Seconds after which a Docker engine counts as absent."""

REGISTRY_WITHIN = 20.0
"""Seconds that a registry has to say that it has an image."""

OLDEST_COMPOSE = (2, 24)
NEEDED_MEMORY = 2_000_000_000
NEEDED_DISK = 5_000_000_000
"""Bytes that images and the first days of data take."""


def check(settings: Settings) -> dict[str, str]:
    """Refuse an engine that cannot carry the stack. Returns the environment that its Compose file needs.

    Raises StackError with the first reason; a reason reads on behind "Docker cannot be used: ".
    """
    about = _engine()
    _check_compose()
    environment = _surroundings(about)
    if about["MemTotal"] < NEEDED_MEMORY:
        raise StackError(
            f"its engine has {about['MemTotal'] / 1e9:.1f} GB memory, the stack needs {NEEDED_MEMORY / 1e9:.0f} GB",
            "Give the engine more memory.",
        )
    _check_disk(Path(about["DockerRootDir"]))
    _check_images(Compose(settings, environment), settings)
    return environment


def surroundings() -> dict[str, str]:
    """The environment that the Compose file needs. Raises StackError where no engine, or no Compose, could run it."""
    about = _engine()
    _check_compose()
    return _surroundings(about)


def limits() -> list[str]:
    """What cannot be watched on this engine, and what to change; empty where all can."""
    try:
        rootless = any("rootless" in option for option in _engine().get("SecurityOptions") or [])
    except StackError:
        return []
    if not rootless:
        return []
    return [
        "Docker runs rootless, in a network of its own: services on this host's 127.0.0.1 and the network of this host "
        "are out of its reach. Let a service listen on another address, and declare that; or use --engine local."
    ]


@cache
def _engine() -> Any:
    """What the engine says of itself, asked once a run."""
    if shutil.which("docker") is None:
        raise StackError("there is no docker program on PATH", "Install Docker, or use --engine local.")
    try:
        answer = docker("info", "--format", "{{json .}}", timeout=ANSWERS_WITHIN)
        about = json.loads(answer.stdout or "{}")
    except (StackError, ValueError):
        about = {}
    if not about.get("ServerVersion"):
        raise StackError(
            "no engine answers", "Start it, see that you may use it (group docker), or use --engine local."
        )
    return about


@cache
def _check_compose() -> None:
    text = docker("compose", "version", "--short").stdout.strip()
    version = tuple(int(number) for number in re.findall(r"\d+", text)[:2])
    if version < OLDEST_COMPOSE:
        oldest = ".".join(map(str, OLDEST_COMPOSE))
        found = f"{text} is too old" if version else "it is missing"
        raise StackError(
            f"it needs Compose {oldest} or newer, and {found}", "Install the plugin docker-compose-plugin."
        )


def _surroundings(about: Any) -> dict[str, str]:
    """Where the engine's socket and files are. Raises StackError for an engine on another machine."""
    endpoint = (
        os.environ.get("DOCKER_HOST")
        or docker("context", "inspect", "--format", "{{.Endpoints.docker.Host}}").stdout.strip()
    )
    if not endpoint.startswith(("unix://", "npipe://")):
        raise StackError(
            f"its engine is on another machine, {endpoint}", "The stack reads this folder's files: run it over there."
        )
    # What Docker Desktop's client sees is not the socket in its machine, which has the usual name.
    own = endpoint.startswith("unix://") and "desktop" not in about.get("OperatingSystem", "").lower()
    socket = {"DOCKER_SOCKET": endpoint.removeprefix("unix://")} if own else {}
    return {"DOCKER_ROOT": about["DockerRootDir"], **socket}


def _check_disk(folder: Path) -> None:
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return  # a folder that this user cannot see, or one of another machine
    if free < NEEDED_DISK:
        raise StackError(
            f"the disk of {folder} has {free / 1e9:.1f} GB free, the stack needs {NEEDED_DISK / 1e9:.0f} GB",
            "Free some space: docker system prune",
        )


def _check_images(compose: Compose, settings: Settings) -> None:
    """Every image is here or can be had: those of others from their registries, ours from the image they start from."""
    services = [service for name, service in compose.services().items() if name not in settings.leave_out]
    needed = {service["image"] for service in services if "build" not in service}
    built = [service for service in services if "build" in service and not image_present(service["image"])]
    needed |= {service["build"]["args"]["PYTHON_IMAGE"] for service in built}
    missing = sorted(image for image in needed if not image_present(image))
    with ThreadPoolExecutor() as pool:
        absent = [image for image, there in zip(missing, pool.map(_in_registry, missing), strict=True) if not there]
    if absent:
        raise StackError(
            f"{len(absent)} of its images are neither here nor in a registry that can be reached ({', '.join(absent)})",
            "Connect to the network, load them with `docker load`, or name parts to leave out as LEAVE_OUT in .env.",
        )


def _in_registry(image: str) -> bool:
    try:
        return docker("manifest", "inspect", image, timeout=REGISTRY_WITHIN).returncode == 0
    except StackError:
        return False
