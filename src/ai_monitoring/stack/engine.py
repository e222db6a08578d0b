"""Which engine brings the stack up: containers where Docker can, processes elsewhere."""

from collections.abc import Iterator
from typing import Protocol

from ai_monitoring.stack import docker_checks
from ai_monitoring.stack.containers import DockerEngine
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.local import LocalEngine
from ai_monitoring.stack.part import Part
from ai_monitoring.stack.settings import Settings
from ai_monitoring.stack.status import Watched
from ai_monitoring.stack.terminal import Terminal


class Engine(Watched, Protocol):
    """What a verb of the command line asks of either engine."""

    def plan(self, *, demo: bool) -> list[Part]: ...
    def start(self, *, demo: bool) -> list[Part]: ...
    def stop(self, *, purge: bool = False) -> list[str]: ...
    def halt(self, name: str) -> None: ...
    def resume(self, name: str) -> None: ...
    def log(self, name: str, count: int, *, follow: bool) -> Iterator[str]: ...


def choose(option: str, settings: Settings, terminal: Terminal) -> tuple[Engine, str]:
    """Settle `--engine OPTION` (auto, docker or local) on an engine, and tell why it is that one.

    What runs already is kept. Raises StackError when Docker is asked for and cannot be used, or when the other engine
    still runs.
    """
    local = LocalEngine(settings, terminal)
    if local.running():
        return _kept(local, option)
    try:
        # An engine that does not answer is waited for once.
        docker = DockerEngine(settings, terminal, docker_checks.surroundings())
        runs = docker.running()
        if not runs and option != "local":
            docker_checks.check(settings)
    except StackError as error:
        return _without_docker(local, option, error)
    if runs:
        return _kept(docker, option)
    if option == "local":
        return local, "as asked for"
    return docker, "as asked for" if option == "docker" else "Docker answers"


def _kept(now: Engine, option: str) -> tuple[Engine, str]:
    if option not in ("auto", now.name):
        raise StackError(f"The stack runs on the {now.name} engine.", "Stop it first: python3 start_monitoring.py stop")
    return now, "it runs already"


def _without_docker(local: Engine, option: str, error: StackError) -> tuple[Engine, str]:
    if option == "docker":
        raise StackError(f"Docker cannot be used: {error.problem}.", error.remedy) from error
    return local, "as asked for" if option == "local" else f"Docker cannot be used: {error.problem}"


def running(settings: Settings, terminal: Terminal) -> Engine | None:
    """The engine on which the stack of this folder runs now, if any."""
    local = LocalEngine(settings, terminal)
    if local.running():
        return local
    docker = with_docker(settings, terminal)
    return docker if docker and docker.running() else None


def with_docker(settings: Settings, terminal: Terminal) -> DockerEngine | None:
    """The Docker engine, whether or not the stack runs there; None where none answers."""
    try:
        return DockerEngine(settings, terminal, docker_checks.surroundings())
    except StackError:
        return None
