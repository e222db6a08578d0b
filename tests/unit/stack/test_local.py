"""The local engine around a real supervisor, with fake programs: its decisions. tests/integration has the real ones."""

import fcntl
import io
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from ai_monitoring.stack import local as module
from ai_monitoring.stack import runtime
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.local import LocalEngine
from ai_monitoring.stack.settings import Settings, load
from ai_monitoring.stack.terminal import Terminal

MakeProgram = Callable[[Path, str], Path]

SERVER = """\
import http.server, re, signal, sys
signal.signal(signal.SIGHUP, lambda *_: print("read again", flush=True))
port = re.search(r"(?:listen-address=127.0.0.1:|incidents |spend |collect --port=|--viewer=)(\\d+)", " ".join(sys.argv))
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(port[1])), Ready).serve_forever()
"""
PORTS = (
    *("PROMETHEUS", "ALERTMANAGER", "NODE_EXPORTER", "BLACKBOX_EXPORTER", "INCIDENTS", "SPEND", "COLLECT"),
    *("GRAFANA", "LOKI", "TEMPO", "OTLP_HTTP", "OTLP_GRPC", "OTEL_COLLECTOR"),
)


class Stack:
    """A project folder with fake programs on PATH, and the engine over it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.output = io.StringIO()
        self.engine = LocalEngine(settings, Terminal(self.output))

    def start(self) -> str:
        """Start it. Returns what was printed."""
        self.output.seek(0)
        self.output.truncate()
        self.engine.start(demo=False)
        return self.output.getvalue()

    def moved(self, name: str, port: int) -> LocalEngine:
        """The engine of the same folder after that port was set to another."""
        settings = replace(self.settings, ports={**self.settings.ports, name: port})
        return LocalEngine(settings, Terminal(self.output))

    def pids(self) -> dict[str, int]:
        return {name: process.pid for name, process in self.engine.supervision.processes().items()}


@pytest.fixture
def free_ports() -> list[int]:
    """As many ports that nobody holds."""
    with ExitStack() as held:
        return [held.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1] for _ in PORTS]


@pytest.fixture
def stack(
    project: Path, free_ports: list[int], fake: Callable[[str, str], Path], make_program: MakeProgram
) -> Iterator[Stack]:
    (project / "server.py").write_text(SERVER, encoding="utf-8")
    serve = f'exec {sys.executable} -I -S {project}/server.py "$*"'
    for name in ("prometheus", "alertmanager", "node_exporter", "blackbox_exporter"):
        fake(name, f'case "$*" in *--version*|*--config.check*) echo "version 1.2.3"; exit 0 ;; esac\n{serve}')
    fake("promtool", "")
    fake("amtool", "")
    python = f'case "$*" in *ai_monitoring.[cei]*) {serve} ;; esac\nexec {sys.executable} "$@"'
    make_program(project / ".venv" / "bin" / "python", python)
    env = "".join(f"{name}_PORT={port}\n" for name, port in zip(PORTS, free_ports, strict=True))
    (project / ".env").write_text(env, encoding="utf-8")
    made = Stack(load(project, {}))
    yield made
    made.engine.stop()


def test_a_stack_from_start_to_stop(
    stack: Stack, make_program: MakeProgram, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = stack.start()
    programs = "Prometheus 1.2.3, Alertmanager 1.2.3, node exporter 1.2.3, blackbox exporter 1.2.3"
    assert f"  ok      Programs: {programs} (" in text
    assert "  ok      Configuration: prometheus.yml with " in text
    assert f"  ok      Prometheus: http://127.0.0.1:{stack.settings.ports['PROMETHEUS_PORT']} (" in text
    first = stack.pids()
    watch = {"prometheus", "alertmanager", "node-exporter", "blackbox-exporter", "incidents", "spend", "collect"}
    assert set(first) == watch | {"embedded"}

    # A second start changes nothing that runs, whatever became of the first one's notes.
    (stack.settings.runtime / "started.json").write_text('{"prom', encoding="utf-8")
    assert "reads them again" not in stack.start()
    assert stack.pids() == first

    # Nor does one from cron, whose PATH leads to none of the programs.
    monkeypatch.setenv("PATH", "/nowhere")
    stack.start()
    assert stack.pids() == first

    # A changed file is read again by its part alone.
    with (stack.settings.root / "alertmanager" / "alertmanager.yml").open("a", encoding="utf-8") as stream:
        stream.write("# changed\n")
    text = stack.start()
    assert [line for line in text.splitlines() if "reads" in line] == [
        "        alertmanager: its files have changed, it reads them again"
    ]
    assert stack.pids() == first

    # A file that is refused leaves all that runs as it is.
    make_program(path / "amtool", "echo FAILED: no; exit 1")
    with pytest.raises(StackError, match=r"^alertmanager/alertmanager\.yml, or a file that it reads, is not valid"):
        stack.start()
    assert stack.pids() == first
    assert (stack.settings.runtime / "alertmanager" / "alertmanager.yml").exists()
    make_program(path / "amtool", "")

    # So does a port in use that .env moves a part to.
    with (
        socket.create_server(("127.0.0.1", 0)) as other,
        pytest.raises(StackError, match=r"^Port \d+, which Incidents needs, is in use"),
    ):
        stack.moved("INCIDENTS_PORT", other.getsockname()[1]).start(demo=False)
    assert stack.pids() == first

    # So does a configuration that the supervisor cannot take up.
    stack.engine.supervision.update = broken  # type: ignore[method-assign]
    with pytest.raises(OSError, match="no room"):
        stack.start()
    assert stack.pids() == first

    assert stack.engine.stop() == sorted(first)
    assert not any(psutil.pid_exists(pid) for pid in first.values())
    assert stack.engine.stop() == []


def broken() -> list[str]:
    raise OSError("no room")


def test_a_start_that_fails_leaves_nothing_running(
    stack: Stack, make_program: MakeProgram, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_CRASHES_SHOWN_AFTER", 0.0)
    make_program(path / "node_exporter", 'echo "version 1.2.3"; echo "cannot open /proc" >&2; exit 3')
    with pytest.raises(StackError) as caught:
        stack.start()
    assert caught.value.problem.startswith("Node exporter keeps ending. Its last words:\n  version 1.2.3\n")
    assert "\n  cannot open /proc" in caught.value.problem
    assert "  failed  Node exporter (" in stack.output.getvalue()
    assert not stack.engine.supervision.running()
    assert stack.engine.leftovers() == []


def test_two_starts_at_once(stack: Stack) -> None:
    runtime.prepare(stack.settings)
    with (stack.settings.runtime / "lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(StackError, match=r"^A start or stop of this stack is under way\."):
            stack.start()
    assert not stack.engine.supervision.running()


def test_a_port_in_use_starts_nothing(stack: Stack) -> None:
    with (
        socket.create_server(("127.0.0.1", stack.settings.ports["INCIDENTS_PORT"])),
        pytest.raises(StackError, match=r"^Port \d+, which Incidents needs, is in use"),
    ):
        stack.start()
    assert not stack.engine.supervision.running()
