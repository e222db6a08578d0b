"""A project folder of the test's own, and fake programs on a PATH of its own."""

import copy
import io
import json
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from docker_client import DockerClient

from ai_monitoring.stack import docker_checks
from ai_monitoring.stack.settings import Settings
from ai_monitoring.stack.settings import load as load_settings
from ai_monitoring.stack.terminal import Terminal

ROOT = Path(__file__).parents[3]

Answers = dict[str, tuple[int, str]]


@pytest.fixture(autouse=True)
def _docker_is_asked_again() -> None:
    """Each test has a client of its own, or none."""
    docker_checks._engine.cache_clear()
    docker_checks._check_compose.cache_clear()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The project's folder, empty."""
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest.fixture
def project(root: Path) -> Path:
    """The project's folder with its native files, and a file that declares three services as the demo's does."""
    for folder in ("prometheus", "alertmanager", "blackbox", "grafana/provisioning"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("demo.yml"))
    (root / "examples").mkdir()
    targets = "- targets: [127.0.0.1:8002]\n- targets: [127.0.0.1:8000]\n- targets: [127.0.0.1:8501]\n"
    (root / "examples" / "targets.yml").write_text(targets, encoding="utf-8")
    return root


@pytest.fixture
def configured(root: Path) -> Callable[[str], Settings]:
    """Settings of that folder with this text as its .env and nothing in the environment."""

    def load(env: str = "") -> Settings:
        (root / ".env").write_text(env, encoding="utf-8")
        return load_settings(root, {})

    return load


@pytest.fixture
def settings(configured: Callable[[str], Settings]) -> Settings:
    return configured("")


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the whole PATH."""
    folder = tmp_path / "path"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.fixture
def fake(path: Path) -> Callable[[str, str], Path]:
    """Puts a program on PATH: its name, and what its shell script does."""

    def make(name: str, script: str) -> Path:
        return program(path / name, script)

    return make


@pytest.fixture
def make_program() -> Callable[[Path, str], Path]:
    return program


def program(file: Path, script: str) -> Path:
    """An executable file that runs this shell script with the system's own tools."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{script}\n", encoding="utf-8")
    file.chmod(0o755)
    return file


@pytest.fixture
def docker(path: Path, tmp_path: Path) -> DockerClient:
    """A docker client on PATH whose engine could carry the stack, and runs nothing."""
    return DockerClient(path / "docker", tmp_path / "docker")


@pytest.fixture
def container() -> Callable[..., dict[str, Any]]:
    """What a real engine told of a container, with this service and this state in it."""
    recorded = ROOT / "tests" / "unit" / "exporters" / "containers" / "recorded" / "cx-web.json"
    original = json.loads(recorded.read_text(encoding="utf-8"))

    def make(service: str, *, health: str = "healthy", restarts: int = 0, **state: Any) -> dict[str, Any]:
        content: dict[str, Any] = copy.deepcopy(original)
        content["Id"] = f"id-of-{service}"
        content["RestartCount"] = restarts
        content["Config"]["Labels"]["com.docker.compose.service"] = service
        content["State"] |= {"Health": {"Status": health}, **state}
        return content

    return make


@pytest.fixture
def plain() -> Terminal:
    """Prints nowhere that anyone looks, as in a log file."""
    return Terminal(io.StringIO())


@pytest.fixture
def tree() -> Callable[[Path], dict[str, tuple[int, int]]]:
    """Every file below a folder with its size and the time of its last change."""

    def listing(root: Path) -> dict[str, tuple[int, int]]:
        return {
            str(Path(folder, name)): ((stat := Path(folder, name).lstat()).st_size, stat.st_mtime_ns)
            for folder, folders, files in os.walk(root)
            for name in (*folders, *files)
        }

    return listing


@pytest.fixture
def front_door(root: Path) -> Path:
    """start_monitoring.py in that folder, with the launcher's code behind it."""
    package = Path("src", "ai_monitoring")
    shutil.copytree(ROOT / package / "stack", root / package / "stack")
    for file in (package / "__init__.py", package / "durations.py", Path("start_monitoring.py")):
        shutil.copy2(ROOT / file, root / file)
    return root / "start_monitoring.py"


@pytest.fixture
def free_port() -> int:
    """A port that nobody holds."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.fixture
def serve() -> Iterator[Callable[[Answers], int]]:
    """Serves these answers, status and text by path and query, on a port that it returns; 404 for the rest."""
    with ExitStack() as servers:

        def start(answers: Answers) -> int:
            class Handler(BaseHTTPRequestHandler):
                def do_GET(self) -> None:
                    status, text = answers.get(self.path) or answers.get(self.path.partition("?")[0]) or (404, "")
                    self.send_response(status)
                    self.end_headers()
                    self.wfile.write(text.encode())

                def log_message(self, *_: object) -> None:
                    """Say nothing."""

            server = servers.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
            thread = Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            servers.callback(thread.join)
            servers.callback(server.shutdown)
            return int(server.server_address[1])

        yield start
