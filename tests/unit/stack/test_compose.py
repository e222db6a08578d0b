import json
import os
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from docker_client import DockerClient

from ai_monitoring.stack import compose
from ai_monitoring.stack.compose import Compose, Container, image_present, last_words
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.settings import Settings

MakeContainer = Callable[..., dict[str, Any]]

# `docker inspect` of a real engine: a health check that fails, a task that is done, a kill for memory, a crash loop.
RECORDED = Path(__file__).parents[1] / "exporters" / "containers" / "recorded"


def recorded(name: str) -> dict[str, Any]:
    """That answer, as if the container were the service of that name."""
    content: dict[str, Any] = json.loads((RECORDED / f"cx-{name}.json").read_text(encoding="utf-8"))
    content["Config"]["Labels"]["com.docker.compose.service"] = name
    return content


@pytest.fixture
def of_project(settings: Settings, docker: DockerClient) -> Compose:
    return Compose(settings, {"DOCKER_SOCKET": "/run/mine.sock"})


@pytest.fixture
def one(docker: DockerClient, container: MakeContainer, of_project: Compose) -> Callable[..., Container]:
    """The one container of the project, in this state."""

    def read(**state: Any) -> Container:
        docker.runs(container("loki", **state))
        return of_project.containers()["loki"]

    return read


def ago(seconds: float) -> str:
    return (datetime.now(UTC) - timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.123456789Z")


def test_no_containers(docker: DockerClient, of_project: Compose) -> None:
    assert of_project.containers() == {}
    assert docker.asked("inspect") == []


def test_recorded_containers_are_read(docker: DockerClient, of_project: Compose) -> None:
    contents = {name: recorded(name) for name in ("web", "once", "oom", "crash")}
    docker.runs(*contents.values())
    found = of_project.containers()
    assert {name: (one.state, one.exit_code, one.restarts, one.out_of_memory) for name, one in found.items()} == {
        "web": ("running", 0, 0, False),
        "once": ("exited", 0, 0, False),
        "oom": ("exited", 137, 3, True),
        "crash": ("restarting", 1, 12, False),
    }
    assert {name: (one.identity, one.pid) for name, one in found.items()} == {
        name: (content["Id"], content["State"]["Pid"]) for name, content in contents.items()
    }
    identities = " ".join(content["Id"] for content in contents.values())
    assert docker.asked("inspect") == [f"inspect --type container {identities}"]


def test_recorded_health(docker: DockerClient, of_project: Compose) -> None:
    docker.runs(recorded("web"))
    web = of_project.containers()["web"]
    assert (web.health, web.healthy, web.done) == ("unhealthy", False, False)
    docker.runs(recorded("once"))
    once = of_project.containers()["once"]
    assert (once.health, once.healthy, once.done, once.uptime_seconds) == ("", False, True, 0.0)


def test_container_that_went_away_in_between_is_left_out(
    docker: DockerClient, container: MakeContainer, of_project: Compose
) -> None:
    docker.runs(container("loki"))
    docker.answers("inspect *", json.dumps([container("loki")]), error="no such object: gone", status=1)
    assert list(of_project.containers()) == ["loki"]
    docker.answers("inspect *", error="Cannot connect", status=1)
    assert of_project.containers() == {}


@pytest.mark.parametrize(("health", "expected"), [("healthy", True), ("starting", False), ("unhealthy", False)])
def test_container_with_a_check_is_what_it_says(one: Callable[..., Container], health: str, expected: bool) -> None:
    assert one(health=health).healthy is expected
    assert not one(health=health, Status="exited").healthy


@pytest.mark.parametrize("health", ["", "none"])
def test_container_without_a_check_is_healthy_while_it_runs(one: Callable[..., Container], health: str) -> None:
    assert one(health=health).healthy
    assert not one(health=health, Status="restarting").healthy


def test_restarted_container_has_to_settle(one: Callable[..., Container]) -> None:
    assert not one(health="", restarts=1, StartedAt=ago(2)).healthy
    assert one(health="", restarts=1, StartedAt=ago(compose.SETTLED_AFTER + 2)).healthy
    # Its own check knows better.
    assert one(restarts=1, StartedAt=ago(2)).healthy


def test_uptime(one: Callable[..., Container]) -> None:
    assert one(StartedAt=ago(90)).uptime_seconds == pytest.approx(90, abs=5)
    assert one(StartedAt=ago(90), Status="exited").uptime_seconds == 0


def test_only_what_ended_with_0_is_done(one: Callable[..., Container]) -> None:
    assert one(Status="exited").done
    assert not one(Status="exited", ExitCode=1).done
    assert not replace(one(), exit_code=0).done


def test_command_names_the_projects_own_file(docker: DockerClient, of_project: Compose, settings: Settings) -> None:
    of_project.run("down")
    file = str(settings.root / "docker-compose-monitoring.yml")
    options = ["compose", "--ansi", "never", "-f", file, "--profile", "demo"]
    assert of_project.command("down") == ["docker", *options, "down"]
    assert docker.asked("down") == ["down"]


def test_environment_goes_to_compose(docker: DockerClient, of_project: Compose) -> None:
    docker.answers("compose * version", does='echo "$DOCKER_SOCKET"')
    assert of_project.run("version").stdout == "/run/mine.sock\n"
    assert of_project.environment() == os.environ | {"DOCKER_SOCKET": "/run/mine.sock"}
    docker.answers("compose * logs *", does='echo "$DOCKER_SOCKET"')
    assert of_project.last_lines("loki") == "  /run/mine.sock"


def test_failure_has_composes_last_words(docker: DockerClient, of_project: Compose) -> None:
    docker.answers("compose * build", error="\n".join(f"line {number}" for number in range(9)), status=17)
    with pytest.raises(StackError) as caught:
        of_project.run("build")
    assert caught.value.problem == (
        "docker compose build failed:\n  line 3\n  line 4\n  line 5\n  line 6\n  line 7\n  line 8"
    )


def test_services(docker: DockerClient, of_project: Compose) -> None:
    docker.services({"loki": {"image": "grafana/loki:3.7.6"}})
    assert of_project.services() == {"loki": {"image": "grafana/loki:3.7.6"}}


def test_last_lines(docker: DockerClient, of_project: Compose) -> None:
    docker.answers("compose * logs --no-log-prefix --tail 2 loki", "to stdout", error="to stderr")
    assert of_project.last_lines("loki", 2) == "  to stdout\n  to stderr"
    assert of_project.last_lines("tempo") == "  (it wrote nothing)"


def test_last_words() -> None:
    assert last_words("a\n\n b  \nc\n", 2) == "   b\n  c"
    assert last_words("") == ""


def test_image_present(docker: DockerClient) -> None:
    assert image_present("grafana/loki:3.7.6")
    docker.answers("image inspect * grafana/loki:3.7.6", status=1)
    assert not image_present("grafana/loki:3.7.6")


def test_client_that_hangs_is_given_up(docker: DockerClient) -> None:
    docker.answers("info", does="exec sleep 30")
    begin = time.monotonic()
    with pytest.raises(StackError, match="docker info does not answer"):
        compose.docker("info", timeout=0.2)
    assert time.monotonic() - begin < 5


def test_no_client_is_one_sentence(path: Path) -> None:
    with pytest.raises(StackError, match="docker info does not answer"):
        compose.docker("info")
