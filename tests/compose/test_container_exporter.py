"""The container exporter on the engine that DOCKER_HOST names, around containers made of busybox alone."""

import io
import os
import re
import socket
import subprocess
import sys
import tarfile
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from images import PACKAGES
from programs import CACHE, unpacked
from waiting import until
from watch import ROOT

PREFIX = f"cx-{uuid.uuid4().hex[:8]}"
SAMPLE = re.compile(r'^(\w+)\{container="([^"]+)",service="([^"]+)"\} (\S+)$', re.MULTILINE)


def run(*arguments: str, content: bytes | None = None) -> str:
    result = subprocess.run(["docker", *arguments], input=content, capture_output=True, check=False)
    assert result.returncode == 0, result.stderr.decode()
    return result.stdout.decode()


pytestmark = pytest.mark.usefixtures("docker")


@pytest.fixture(scope="module")
def image(docker: str) -> Iterator[str]:
    busybox = unpacked("sid", PACKAGES, CACHE / "images") / "usr" / "bin" / "busybox"
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        for name in ("bin/busybox", "bin/sh"):
            tar.add(busybox, name)
    run("import", "-", PREFIX, content=content.getvalue())
    yield PREFIX
    run("rmi", "--force", PREFIX)


@pytest.fixture
def container(image: str) -> Iterator[Callable[..., str]]:
    """Starts a container with these options before the image and this command in it; returns its name."""
    names: list[str] = []

    def start(name: str, command: str, *options: str) -> str:
        names.append(f"{PREFIX}-{name}")
        run(
            "run",
            "--detach",
            "--network=none",
            f"--name={names[-1]}",
            *options,
            image,
            "/bin/busybox",
            *command.split(),
        )
        return names[-1]

    yield start
    subprocess.run(["docker", "rm", "--force", *names], capture_output=True, check=False)


@pytest.fixture
def scrape(tmp_path: Path) -> Iterator[Callable[[str], dict[str, float]]]:
    """Scrapes a running exporter for one container's values by name."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

    def values(name: str) -> dict[str, float]:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=15) as answer:
            text = answer.read().decode()
        found = SAMPLE.findall(text)
        assert 'ai_monitoring_exporter_up{exporter="containers"} 1.0' in text, (tmp_path / "log").read_text()
        return {metric: float(value) for metric, container, _, value in found if container == name}

    environment = {"DOCKER_HOST": "unix:///var/run/docker.sock", **os.environ, "AI_MONITORING_HOST": "127.0.0.1"}
    with (tmp_path / "log").open("w") as log:
        command = [sys.executable, "-m", "exporters.containers", str(port)]
        exporter = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        until(lambda: values("") == {}, 40)
        yield values
    finally:
        exporter.terminate()
        assert exporter.wait(20) in (0, -15)


def test_a_container_that_ends_is_seen_to_restart(
    container: Callable[..., str], scrape: Callable[[str], dict[str, float]]
) -> None:
    name = container("crash", "false", "--restart=on-failure:3")
    until(lambda: scrape(name).get("container_restarts_total") == 3, 40)
    until(lambda: scrape(name)["container_up"] == 0, 40)  # the last start has an end of its own
    assert scrape(name)["container_oom_kills_total"] == 0


def test_every_kill_for_lack_of_memory_is_counted(
    container: Callable[..., str], scrape: Callable[[str], dict[str, float]]
) -> None:
    options = ("--restart=on-failure:2", "--memory=8m", "--memory-swap=8m")
    name = container("oom", "tail /dev/zero", *options)
    until(lambda: scrape(name).get("container_oom_kills_total") == 3, 40)
    assert scrape(name)["container_restarts_total"] == 2
    run("rm", "--force", name)
    until(lambda: scrape(name) == {}, 40)


def test_a_running_container_shows_what_it_uses_and_whether_it_is_well(
    container: Callable[..., str], scrape: Callable[[str], dict[str, float]]
) -> None:
    options = ("--memory=64m", "--health-cmd=busybox test -e /well", "--health-interval=1s", "--health-retries=1")
    name = container("web", "sleep 600", *options, "--env=PATH=/bin", "--label=com.docker.compose.service=web")
    until(lambda: scrape(name).get("container_healthy") == 0, 40)
    run("exec", name, "/bin/busybox", "touch", "/well")
    until(lambda: scrape(name).get("container_healthy") == 1, 40)
    values = scrape(name)
    assert values["container_up"] == 1
    assert 0 < values["container_cpu_seconds_total"] < 60
    assert 0 < values["container_memory_bytes"] < values["container_memory_limit_bytes"] == 64 * 2**20
    run("stop", "--time=1", name)
    until(lambda: scrape(name)["container_up"] == 0, 40)
    assert "container_memory_bytes" not in scrape(name), "no stale reading"
