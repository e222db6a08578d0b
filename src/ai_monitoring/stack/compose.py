"""`docker compose` for this project's file: what it says, what runs of it, what it can be told to do.

Reference: https://docs.docker.com/reference/cli/docker/compose/
"""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.settings import Settings

FILE = "docker-compose-monitoring.yml"

SETTLED_AFTER = 10.0
"""Seconds after which a container that was restarted counts as back."""

Result = subprocess.CompletedProcess[str]


@dataclass(frozen=True, slots=True)
class Container:
    """One container of the stack, as `docker inspect` tells it. `health` is empty where the image has no check."""

    service: str
    identity: str
    state: str
    health: str
    exit_code: int
    pid: int
    started_at: str
    restarts: int
    out_of_memory: bool

    @property
    def done(self) -> bool:
        """Whether it has done its work: what runs once ends with 0."""
        return self.state == "exited" and self.exit_code == 0

    @property
    def uptime_seconds(self) -> float:
        """How long it has been running; 0 while it does not."""
        since = datetime.fromisoformat(f"{self.started_at[:19]}+00:00")
        return (datetime.now(UTC) - since).total_seconds() if self.state == "running" else 0.0

    @property
    def healthy(self) -> bool:
        """Whether it says so; without a check of its own, whether it runs and has not just come back from a crash."""
        settled = not self.restarts or self.uptime_seconds > SETTLED_AFTER
        return self.state == "running" and (self.health == "healthy" or (not self.health and settled))


def docker(*arguments: str, timeout: float | None = None, environment: Mapping[str, str] | None = None) -> Result:
    """Run the docker client. Raises StackError where it cannot be run, or takes longer than `timeout` seconds."""
    try:
        return subprocess.run(
            ["docker", *arguments],
            env={**os.environ, **(environment or {})},
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=timeout,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise StackError(f"docker {arguments[0]} does not answer: {error}.", "Look whether the engine runs.") from error


class Compose:
    """The project's Compose file, with the demo's services among them."""

    def __init__(self, settings: Settings, environment: Mapping[str, str] | None = None) -> None:
        self._settings = settings
        self._environment = dict(environment or {})

    def command(self, *arguments: str) -> list[str]:
        """The command line, for whoever runs it otherwise than `run` does."""
        file = str(self._settings.root / FILE)
        return ["docker", "compose", "--ansi", "never", "-f", file, "--profile", "demo", *arguments]

    def environment(self) -> dict[str, str]:
        """The environment that goes with `command`."""
        return {**os.environ, **self._environment}

    def run(self, *arguments: str) -> Result:
        """Run a compose command to its end. Raises StackError with Compose's own last words where it fails."""
        result = docker(*self.command(*arguments)[1:], environment=self._environment)
        if result.returncode != 0:
            raise StackError(
                f"docker compose {arguments[0]} failed:\n{last_words(result.stderr)}", "Mend that, then start again."
            )
        return result

    def services(self) -> dict[str, Any]:
        """Every service of the file by name, with `.env` put in."""
        services: dict[str, Any] = json.loads(self.run("config", "--format", "json").stdout)["services"]
        return services

    def containers(self) -> dict[str, Container]:
        """The containers of this project, running or not, by their service."""
        identities = self.run("ps", "--all", "--quiet").stdout.split()
        if not identities:
            return {}
        found = docker("inspect", "--type", "container", *identities)
        # One that went away in between is missing from the answer, and makes an error of it.
        containers = [_container(content) for content in json.loads(found.stdout or "[]")]
        return {container.service: container for container in containers}

    def last_lines(self, service: str, count: int = 6) -> str:
        """The last lines that a service wrote, for a message."""
        command = self.command("logs", "--no-log-prefix", "--tail", str(count), service)
        result = docker(*command[1:], environment=self._environment)
        return last_words(result.stdout + result.stderr, count) or "  (it wrote nothing)"


def last_words(output: str, count: int = 6) -> str:
    """The last lines of an output, indented."""
    lines = [line.rstrip() for line in output.splitlines() if line.strip()]
    return "\n".join(f"  {line}" for line in lines[-count:])


def image_present(image: str) -> bool:
    """Whether the engine has the image."""
    return docker("image", "inspect", "--format", "{{.Id}}", image).returncode == 0


def _container(content: Any) -> Container:
    state: Any = content["State"]
    return Container(
        service=content["Config"]["Labels"]["com.docker.compose.service"],
        identity=content["Id"],
        state=state["Status"],
        health=(state.get("Health") or {}).get("Status", "").replace("none", ""),
        exit_code=state["ExitCode"],
        pid=state["Pid"],
        started_at=state["StartedAt"],
        restarts=content["RestartCount"],
        out_of_memory=state["OOMKilled"],
    )
