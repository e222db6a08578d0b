"""A copy of the project in a folder of its own, started by its launcher on a Docker engine, on free ports."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import images
from checkout import copy_project, give
from waiting import free_ports

from ai_monitoring.stack.compose import FILE
from ai_monitoring.stack.settings import DEFAULT_PORTS, MAY_BE_LEFT_OUT

OWNER = 1234
"""The user to whom the copy belongs: what the stack writes into it is this user's, too."""


class ComposeStack:
    """The copy at `root`, its launcher, and `docker compose` on its file."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.name = root.name
        self.ports = dict(zip(DEFAULT_PORTS, free_ports(len(DEFAULT_PORTS)), strict=True))
        self.left_out: dict[str, str] = {}
        self.write_env()

    def write_env(self, **more: str) -> None:
        values = {**self.ports, "COMPOSE_PROJECT_NAME": self.name, "LEAVE_OUT": ",".join(self.left_out), **more}
        lines = "".join(f"{name}={value}\n" for name, value in values.items())
        (self.root / ".env").write_text(lines, encoding="utf-8")

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run the launcher to its end, with no terminal."""
        return self._run([sys.executable, "-I", "start_monitoring.py", *arguments])

    def compose(self, *arguments: str) -> str:
        """What `docker compose` says, as a user types it. Raises AssertionError where it fails."""
        result = self._run(["docker", "compose", "-f", FILE, *arguments])
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    def status(self) -> dict[str, Any]:
        status = json.loads(self.run("status", "--json").stdout)
        assert isinstance(status, dict)
        return status

    def services(self, *options: str) -> dict[str, Any]:
        """The file's services as Compose understands them."""
        services: dict[str, Any] = json.loads(self.compose(*options, "config", "--format", "json"))["services"]
        return services

    def containers(self) -> dict[str, Any]:
        """What `docker inspect` tells of each container, by service."""
        identities = self.compose("--profile", "demo", "ps", "--all", "--quiet").split()
        if not identities:
            return {}
        result = subprocess.run(["docker", "inspect", *identities], capture_output=True, check=True)
        return {
            content["Config"]["Labels"]["com.docker.compose.service"]: content for content in json.loads(result.stdout)
        }

    def execute(self, service: str, *command: str) -> "subprocess.CompletedProcess[str]":
        """Run a command inside a service's container."""
        return self._run(["docker", "compose", "-f", FILE, "--profile", "demo", "exec", "-T", service, *command])

    def memory(self) -> dict[str, float]:
        """Bytes that each running container takes, by service, as `docker stats` shows them."""
        running = {
            service: one["Id"] for service, one in self.containers().items() if one["State"]["Status"] == "running"
        }
        return {service: _memory(identity) for service, identity in running.items()}

    def ask(self, setting: str, path: str, **query: str) -> Any:
        """The JSON that a part answers at its port."""
        address = f"http://127.0.0.1:{self.ports[setting]}{path}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(address, timeout=10) as answer:
            return json.load(answer)

    def query(self, expression: str, **options: str) -> list[Any]:
        """What Prometheus answers to an instant query."""
        result = self.ask("PROMETHEUS_PORT", "/api/v1/query", query=expression, **options)["data"]["result"]
        assert isinstance(result, list)
        return result

    def _run(self, command: list[str]) -> "subprocess.CompletedProcess[str]":
        environment = {name: value for name, value in os.environ.items() if name not in DEFAULT_PORTS}
        return subprocess.run(
            command,
            cwd=self.root,
            env=environment,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=600,
            check=False,
        )


def _memory(identity: str) -> float:
    command = ["docker", "stats", "--no-stream", "--format", "{{.MemUsage}}", identity]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    number, unit = shown.split()[0].rstrip("BKMGi"), shown.split()[0].lstrip("0123456789.")
    return float(number) * {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}[unit]


@contextmanager
def compose_stack() -> Iterator[ComposeStack]:
    """The copy with its images made, not started yet; in the end all of it is gone."""
    root = Path(tempfile.mkdtemp(prefix="ai-monitoring-"))
    try:
        copy_project(root)
        root.chmod(0o755)
        give(root, OWNER)
        copy = ComposeStack(root)
        copy.left_out = images.prepare(copy.services("--profile", "demo"))
        assert set(copy.left_out) <= set(MAY_BE_LEFT_OUT), copy.left_out
        copy.write_env()
        try:
            yield copy
        finally:
            purged = copy.run("stop", "--purge", "--yes")
        assert purged.returncode == 0, purged.stderr
        for kind in ("ps --all --quiet", "volume ls --quiet", "network ls --quiet"):
            label = f"label=com.docker.compose.project={copy.name}"
            command = ["docker", *kind.split(), "--filter", label]
            assert subprocess.run(command, capture_output=True, check=True).stdout == b"", kind
    finally:
        shutil.rmtree(root)
