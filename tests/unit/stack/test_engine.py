from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from docker_client import DockerClient

from ai_monitoring.stack import docker_checks, engine
from ai_monitoring.stack.containers import DockerEngine
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.local import LocalEngine
from ai_monitoring.stack.settings import Settings
from ai_monitoring.stack.terminal import Terminal

Fake = Callable[[str, str], Path]
MakeContainer = Callable[..., dict[str, Any]]
Choose = Callable[[str], tuple[engine.Engine, str]]

CLIENT_ALONE = "echo 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock.' >&2; exit 1"


@pytest.fixture
def choose(settings: Settings, plain: Terminal, monkeypatch: pytest.MonkeyPatch) -> Choose:
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    return lambda option: engine.choose(option, settings, plain)


@pytest.fixture
def local_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LocalEngine, "running", lambda _: True)


def test_auto_without_docker_is_local_and_says_why(path: Path, choose: Choose) -> None:
    on, reason = choose("auto")
    assert isinstance(on, LocalEngine)
    assert reason == "Docker cannot be used: there is no docker program on PATH"


def test_auto_where_docker_cannot_carry_the_stack_is_local(docker: DockerClient, choose: Choose) -> None:
    docker.engine(MemTotal=1_000_000_000)
    on, reason = choose("auto")
    assert on.name == "local"
    assert reason.startswith("Docker cannot be used: its engine has 1.0 GB memory")


def test_auto_without_compose_is_local(docker: DockerClient, choose: Choose) -> None:
    docker.answers("compose *", error="docker: unknown command: docker compose", status=1)
    on, reason = choose("auto")
    assert (on.name, reason) == ("local", "Docker cannot be used: it needs Compose 2.24 or newer, and it is missing")


def test_auto_with_a_compose_file_that_cannot_be_read_is_local(docker: DockerClient, choose: Choose) -> None:
    docker.answers("compose --ansi *", error="yaml: line 3: did not find expected key", status=1)
    on, reason = choose("auto")
    assert on.name == "local"
    assert reason == "Docker cannot be used: docker compose ps failed:\n  yaml: line 3: did not find expected key"


@pytest.mark.parametrize(("option", "why"), [("auto", "Docker answers"), ("docker", "as asked for")])
def test_docker_where_it_can(docker: DockerClient, choose: Choose, option: str, why: str) -> None:
    on, reason = choose(option)
    assert isinstance(on, DockerEngine)
    assert reason == why
    assert on.compose.environment()["DOCKER_SOCKET"] == "/run/docker.sock"


def test_docker_asked_for_is_refused_with_reason_and_remedy(fake: Fake, choose: Choose) -> None:
    fake("docker", CLIENT_ALONE)
    with pytest.raises(StackError) as caught:
        choose("docker")
    assert caught.value.problem == "Docker cannot be used: no engine answers."
    assert "--engine local" in caught.value.remedy


def test_local_looks_for_no_image(docker: DockerClient, choose: Choose) -> None:
    on, reason = choose("local")
    assert (on.name, reason) == ("local", "as asked for")
    assert docker.asked("image") == docker.asked("config") == []


def test_local_needs_no_docker(path: Path, choose: Choose) -> None:
    on, reason = choose("local")
    assert (on.name, reason) == ("local", "as asked for")


@pytest.mark.parametrize("option", ["auto", "local"])
def test_engine_that_hangs_is_waited_for_once(
    docker: DockerClient, choose: Choose, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    monkeypatch.setattr(docker_checks, "ANSWERS_WITHIN", 0.2)
    docker.answers("*", does="exec sleep 30")
    assert choose(option)[0].name == "local"
    assert len(docker.asked("info")) == 1


@pytest.mark.parametrize("option", ["auto", "local"])
def test_local_stack_that_runs_is_kept(local_runs: None, docker: DockerClient, choose: Choose, option: str) -> None:
    on, reason = choose(option)
    assert (on.name, reason) == ("local", "it runs already")


@pytest.mark.parametrize("option", ["auto", "docker"])
def test_containers_that_run_are_kept(
    docker: DockerClient, container: MakeContainer, choose: Choose, option: str
) -> None:
    docker.runs(container("prometheus"))
    # What would speak against a first start does not now.
    docker.engine(MemTotal=1_000_000_000)
    on, reason = choose(option)
    assert (on.name, reason) == ("docker", "it runs already")


def test_docker_is_refused_while_the_local_stack_runs(local_runs: None, docker: DockerClient, choose: Choose) -> None:
    with pytest.raises(StackError, match=r"^The stack runs on the local engine\. Stop it first: "):
        choose("docker")


def test_local_is_refused_while_containers_run(docker: DockerClient, container: MakeContainer, choose: Choose) -> None:
    docker.runs(container("prometheus"))
    with pytest.raises(StackError, match=r"^The stack runs on the docker engine\. Stop it first: "):
        choose("local")


def test_running_tells_which(
    docker: DockerClient, container: MakeContainer, settings: Settings, plain: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert engine.running(settings, plain) is None
    docker.runs(container("prometheus", Status="exited"))
    assert engine.running(settings, plain) is None
    docker.runs(container("prometheus"))
    assert isinstance(engine.running(settings, plain), DockerEngine)
    monkeypatch.setattr(LocalEngine, "running", lambda _: True)
    assert isinstance(engine.running(settings, plain), LocalEngine)


def test_nothing_runs_where_no_docker_is(path: Path, settings: Settings, plain: Terminal) -> None:
    assert engine.running(settings, plain) is None
    assert engine.with_docker(settings, plain) is None
