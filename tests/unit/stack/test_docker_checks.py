"""Each reason against an engine, with what to do; a reason reads on behind "Docker cannot be used: "."""

import shutil
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from docker_client import DockerClient

from ai_monitoring.stack import docker_checks
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.settings import Settings

Fake = Callable[[str, str], Path]
Configured = Callable[[str], Settings]

CLIENT_ALONE = "echo 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock.' >&2; exit 1"
# What `docker info` prints without an engine: the client's half, with exit status 0 in some releases.
CLIENTS_HALF = 'echo \'{"ID":"","Containers":0,"ServerErrors":["Cannot connect"],"ClientInfo":{"Version":"28.3.1"}}\''
SERVICES = {
    "prometheus": {"image": "prom/prometheus:v3.14.0"},
    "loki": {"image": "grafana/loki:3.7.6"},
    "setup": {"image": "ai-monitoring/setup", "build": {"args": {"PYTHON_IMAGE": "python:3.13"}}},
}
Usage = namedtuple("Usage", "total used free")


@pytest.fixture(autouse=True)
def _no_other_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DOCKER_HOST", raising=False)


def refusal(settings: Settings) -> StackError:
    with pytest.raises(StackError) as caught:
        docker_checks.check(settings)
    assert caught.value.remedy
    return caught.value


def test_no_program(path: Path, settings: Settings) -> None:
    assert refusal(settings).problem == "there is no docker program on PATH"


@pytest.mark.parametrize("script", [CLIENT_ALONE, CLIENTS_HALF, "exit 0", "echo", "echo '{'"])
def test_client_without_an_engine_is_not_an_engine(fake: Fake, settings: Settings, script: str) -> None:
    fake("docker", script)
    assert refusal(settings).problem == "no engine answers"


def test_engine_that_hangs_is_not_one(fake: Fake, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docker_checks, "ANSWERS_WITHIN", 0.2)
    fake("docker", "exec sleep 30")
    assert refusal(settings).problem == "no engine answers"


def test_client_that_cannot_be_run_is_not_an_engine(fake: Fake, settings: Settings) -> None:
    fake("docker", "").write_bytes(b"\x7fELF not really")
    assert refusal(settings).problem == "no engine answers"


@pytest.mark.parametrize(
    ("text", "status", "found"),
    [("", 1, "it is missing"), ("1.29.2", 0, "1.29.2 is too old"), ("v2.23.3", 0, "v2.23.3 is too old")],
)
def test_compose_that_is_missing_or_too_old(
    docker: DockerClient, settings: Settings, text: str, status: int, found: str
) -> None:
    docker.answers("compose version --short", text, status=status)
    assert refusal(settings).problem == f"it needs Compose 2.24 or newer, and {found}"
    with pytest.raises(StackError, match="needs Compose"):
        docker_checks.surroundings()


@pytest.mark.parametrize("text", ["2.24.0", "v2.37.1", "2.26.1-4", "5.0.0"])
def test_compose_that_serves(docker: DockerClient, settings: Settings, text: str) -> None:
    docker.answers("compose version --short", text)
    docker_checks.check(settings)


def test_memory(docker: DockerClient, settings: Settings) -> None:
    docker.engine(MemTotal=1_500_000_000)
    assert refusal(settings).problem == "its engine has 1.5 GB memory, the stack needs 2 GB"


def test_disk(docker: DockerClient, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    docker.engine(DockerRootDir=str(tmp_path))
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(10**11, 10**11 - 3 * 10**9, 3 * 10**9))
    assert refusal(settings).problem == f"the disk of {tmp_path} has 3.0 GB free, the stack needs 5 GB"


@pytest.mark.parametrize("endpoint", ["ssh://me@server", "tcp://10.0.0.1:2376"])
@pytest.mark.parametrize("by", ["variable", "context"])
def test_engine_on_another_machine(
    docker: DockerClient, settings: Settings, monkeypatch: pytest.MonkeyPatch, endpoint: str, by: str
) -> None:
    if by == "variable":
        monkeypatch.setenv("DOCKER_HOST", endpoint)
    else:
        docker.answers("context inspect *", endpoint)
    assert refusal(settings).problem == f"its engine is on another machine, {endpoint}"


@pytest.mark.parametrize(
    ("about", "endpoint", "expected"),
    [
        ({}, "unix:///run/docker.sock", {"DOCKER_SOCKET": "/run/docker.sock"}),
        ({}, "unix:///run/user/1000/docker.sock", {"DOCKER_SOCKET": "/run/user/1000/docker.sock"}),
        # The client sees Docker Desktop's socket where its machine has none.
        ({"OperatingSystem": "Docker Desktop"}, "unix:///home/me/.docker/desktop/docker.sock", {}),
        ({}, "npipe:////./pipe/docker_engine", {}),
    ],
)
def test_socket_and_root_are_told_to_compose(
    docker: DockerClient, settings: Settings, about: dict[str, Any], endpoint: str, expected: dict[str, str]
) -> None:
    docker.engine(DockerRootDir="/srv/docker", **about)
    docker.answers("context inspect *", endpoint)
    found = {"DOCKER_ROOT": "/srv/docker", **expected}
    assert docker_checks.check(settings) == found
    assert docker_checks.surroundings() == found


def test_variable_goes_before_the_context(docker: DockerClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///run/other.sock")
    assert docker_checks.surroundings()["DOCKER_SOCKET"] == "/run/other.sock"


def test_engine_of_roots_reaches_all(docker: DockerClient) -> None:
    assert docker_checks.limits() == []


def test_rootless_engine_says_what_it_does_not_reach(docker: DockerClient) -> None:
    docker.engine(SecurityOptions=["name=seccomp,profile=builtin", "name=rootless"])
    (limit,) = docker_checks.limits()
    assert "127.0.0.1" in limit
    assert "--engine local" in limit


def test_images_that_cannot_be_had_are_named(docker: DockerClient, settings: Settings) -> None:
    docker.services(SERVICES)
    docker.answers("image inspect *", status=1)
    docker.answers("manifest inspect grafana/loki:3.7.6", "{}")
    found = refusal(settings)
    assert found.problem == (
        "2 of its images are neither here nor in a registry that can be reached (prom/prometheus:v3.14.0, python:3.13)"
    )
    assert "LEAVE_OUT" in found.remedy


def test_images_that_are_here_are_not_looked_for(docker: DockerClient, settings: Settings) -> None:
    docker.services(SERVICES)
    docker_checks.check(settings)
    assert docker.asked("manifest") == []
    # Ours is built already, so what it is built from is of no account.
    assert not any("python:3.13" in line for line in docker.asked("inspect"))


def test_image_of_a_part_that_is_left_out_is_not_needed(docker: DockerClient, configured: Configured) -> None:
    docker.services(SERVICES)
    docker.answers("image inspect * grafana/loki:3.7.6", status=1)
    assert "grafana/loki:3.7.6" in refusal(configured("")).problem
    docker_checks.check(configured("LEAVE_OUT=loki\n"))


def test_registry_that_hangs_has_no_image(
    docker: DockerClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(docker_checks, "REGISTRY_WITHIN", 0.2)
    docker.services(SERVICES)
    docker.answers("image inspect * grafana/loki:3.7.6", status=1)
    docker.answers("manifest inspect *", does="exec sleep 30")
    assert "(grafana/loki:3.7.6)" in refusal(settings).problem
