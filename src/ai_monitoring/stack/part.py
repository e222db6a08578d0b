"""One part of the stack: a process, or a container."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ai_monitoring.stack import environment
from ai_monitoring.stack.rendering import HOST
from ai_monitoring.stack.settings import Settings, port_setting


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One process of the stack, or one container: `command` starts it, or `image` is what it runs.

    It is healthy once `ready` answers 2xx at `port`; a part without a port is healthy
    while it runs. `takes` are its ports by their names in `.env` where `port` is not its only one.
    `environment` is added to the launcher's own.
    """

    name: str
    title: str
    command: tuple[str, ...] = ()
    image: str = ""
    port: int = 0
    ready: str = ""
    note: str = ""
    takes: Mapping[str, int] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def ports(self) -> dict[str, int]:
        """Every port that it takes, by its name in `.env`."""
        return dict(self.takes) or ({port_setting(self.name): self.port} if self.port else {})

    @property
    def address(self) -> str:
        """Where a person or a program finds the part; empty without a port."""
        return f"http://{HOST}:{self.port}" if self.port else ""


def python(settings: Settings, module: str, *arguments: str) -> tuple[str, ...]:
    """The command that runs a module in the project's environment."""
    return (str(environment.python(settings.root)), "-m", module, *arguments)
