"""Which engine brings the stack up: containers where Docker can, processes elsewhere."""

from collections.abc import Iterator
from typing import Protocol

from ai_monitoring.stack import docker_checks
from ai_monitoring.stack.containers import DockerEngine
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.local import LocalEngine
from ai_monitoring.stack.parts import Part
from ai_monitoring.stack.settings import Settings
from ai_monitoring.stack.status import PartStatus
from ai_monitoring.stack.terminal import Terminal


class Engine(Protocol):
    """What a verb of the command line asks of either engine."""

    name: str
    settings: Settings

    def running(self) -> bool: ...
    def plan(self, *, demo: bool) -> list[Part]: ...
    def start(self, *, demo: bool) -> list[Part]: ...
    def stop(self, *, purge: bool = False) -> list[str]: ...
    def parts(self) -> list[PartStatus]: ...
    def problems(self) -> list[str]: ...
    def log(self, name: str, count: int, *, follow: bool) -> Iterator[str]: ...


def choose(option: str, settings: Settings, terminal: Terminal) -> tuple[Engine, str]:
    """Settle `--engine OPTION` (auto, docker or local) on an engine, and tell why it is that one.

    What runs already is kept. Raises StackError when Docker is asked for and cannot be used, or when the other engine
    still runs.
    """
    now = running(settings, terminal)
    if now and option in ("auto", now.name):
        return now, "it runs already"
    if now:
        raise StackError(f"The stack runs on the {now.name} engine.", "Stop it first: python3 start_monitoring.py stop")
    if option == "local":
        return LocalEngine(settings, terminal), "as asked for"
    try:
        environment = docker_checks.check(settings)
    except StackError as error:
        if option == "docker":
            raise StackError(f"Docker cannot be used: {error.problem}.", error.remedy) from error
        return LocalEngine(settings, terminal), f"Docker cannot be used: {error.problem}"
    return DockerEngine(settings, terminal, environment), "as asked for" if option == "docker" else "Docker answers"


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
