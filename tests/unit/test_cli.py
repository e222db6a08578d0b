"""The command `ai-monitoring`, against a small service that counts what it is sent."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any

import pytest

from ai_monitoring.cli import main
from ai_monitoring.cli import replay as replay_module
from ai_monitoring.cli.demo import start
from ai_monitoring.cli.trace import Recorded, read_trace
from ai_monitoring.stack import commands
from ai_monitoring.stack.errors import StackError

ROOT = Path(__file__).parents[2]
HEAD = "TIMESTAMP,ContextTokens,GeneratedTokens\n"
# A million tokens in and out, at 0.15 and 0.60 dollars, and 0.90 euros a dollar as monitoring.yaml has it.
COST_OF_A_MILLION = 0.75 * 0.90


@dataclass
class Ledger:
    """What a service was sent, and how it cheats: `miscounts` calls too many, answers `status`."""

    miscounts: int = 0
    status: int = 200
    sums: Counter[str] = field(default_factory=Counter)
    lock: Lock = field(default_factory=Lock)

    def take(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if self.status != 200:
            return self.status, {"detail": "A replay needs the demo's own upstream"}
        with self.lock:
            self.sums.update(calls=1, input=asked["context_tokens"], output=asked["generated_tokens"])
            self.sums["streamed"] += asked["stream"]
        return 200, {
            "model": "gpt-4o-mini",
            "input_tokens": asked["context_tokens"],
            "output_tokens": asked["generated_tokens"],
        }

    def page(self) -> str:
        cost = (self.sums["input"] * 0.15 + self.sums["output"] * 0.60) * 0.90 / 1e6
        lines = []
        for model, factor in (("gpt-4o-mini", 1), ("another", 7)):
            label = f'model="{model}",provider="openai"'
            lines += [
                f'llm_requests_total{{{label},status="ok"}} {(self.sums["calls"] + self.miscounts) * factor}',
                f'llm_tokens_total{{{label},type="input"}} {self.sums["input"] * factor}',
                f'llm_tokens_total{{{label},type="output"}} {self.sums["output"] * factor}',
                f'llm_cost_total{{{label},currency="EUR"}} {cost * factor!r}',
            ]
        self.miscounts *= 2
        return "\n".join(lines) + "\n"


@contextmanager
def service(ledger: Ledger) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.answer(200, ledger.page().encode())

        def do_POST(self) -> None:
            status, content = ledger.take(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.answer(status, json.dumps(content).encode())

        def answer(self, status: int, body: bytes) -> None:
            head = f"HTTP/1.1 {status} -\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            self.wfile.write(head + body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 # http.server's own name
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128
        block_on_close = False

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def write(folder: Path, rows: int = 50) -> Path:
    """A trace of a million tokens in and out, whose requests are a second apart."""
    file = folder / "trace.csv"
    lines = [
        f"2026-11-24 09:00:{number:02}.1234567,{1_000_000 // rows},{1_000_000 // rows}\n" for number in range(rows)
    ]
    file.write_text(HEAD + "".join(lines))
    return file


def run(*arguments: object) -> int:
    return main(["demo", *map(str, arguments)])


def test_a_replay_sends_every_request_and_compares_the_counters(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ledger = Ledger()
    with service(ledger) as address:
        assert run("--trace", write(tmp_path), "--speed", "max", "--service", address) == 0
    assert ledger.sums == {"calls": 50, "input": 1_000_000, "output": 1_000_000, "streamed": 25}
    printed = capsys.readouterr().out
    assert "Replayed 50 requests" in printed
    assert "25 of them streamed" in printed
    assert printed.count(f"{COST_OF_A_MILLION:,.6f} EUR") == 2
    assert printed.count("yes") == 4
    assert "The service counted every call and token." in printed


@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_status_is_the_launchers(monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    asked: list[list[str]] = []

    def told(given: list[str]) -> int:
        asked.append(given)
        return 3

    monkeypatch.setattr(commands, "main", told)
    assert main(["status", *arguments]) == 3
    assert asked == [["status", *arguments]]


def test_a_comparison_for_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with service(Ledger()) as address:
        assert run("--trace", write(tmp_path), "--speed", "max", "--service", address, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["failures"] == {}
    assert {one["what"]: one["same"] for one in told["compared"]} == dict.fromkeys(
        ("calls", "input tokens", "output tokens", "cost"), True
    )


def test_only_what_came_since_is_compared(tmp_path: Path) -> None:
    ledger = Ledger(sums=Counter(calls=3, input=4, output=5))
    with service(ledger) as address:
        assert run("--trace", write(tmp_path), "--speed", 0, "--service", address) == 0


def test_a_service_that_miscounts_is_told_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with service(Ledger(miscounts=1)) as address:
        assert run("--trace", write(tmp_path), "--speed", "max", "--service", address) == 1
    assert "The service counted something else." in capsys.readouterr().out


def test_a_refusal_ends_the_replay(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with service(Ledger(status=403)) as address:
        assert run("--trace", write(tmp_path), "--speed", "max", "--service", address) == 1
    printed = capsys.readouterr()
    assert "failed: 403: A replay needs the demo's own upstream" in printed.out
    assert "Nothing could be replayed." in printed.err


def test_the_trace_sets_the_pace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    now = 100.0

    def sleep(seconds: float) -> None:
        nonlocal now
        waits.append(seconds)
        now += seconds

    monkeypatch.setattr(replay_module, "sleep", sleep)
    monkeypatch.setattr(replay_module, "monotonic", lambda: now)
    with service(Ledger()) as address:
        assert run("--trace", write(tmp_path, rows=10), "--speed", 2, "--service", address) == 0
    assert waits == pytest.approx([0.5] * 9)


def test_nobody_answers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--trace", write(tmp_path), "--service", "http://127.0.0.1:1") == 1
    assert "No service answers at http://127.0.0.1:1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("a,b\n1,2\n", "has no column TIMESTAMP"),
        (HEAD, "holds no request"),
        ("", "has no column"),
        (HEAD + "yesterday,1,2\n", "line 2: Invalid isoformat string: 'yesterday'"),
        (HEAD + "2026-11-24 09:00:00,1,2\n2026-11-24 09:00:01,1,-2\n", "line 3: '-2' is not a number of tokens"),
        (HEAD + "2026-11-24 09:00:00,1\n", "line 2"),
    ],
)
def test_a_trace_that_is_none(tmp_path: Path, content: str, problem: str) -> None:
    file = tmp_path / "trace.csv"
    file.write_text(content)
    with pytest.raises(StackError) as error:
        read_trace(file)
    assert str(file) in error.value.problem
    assert problem in error.value.problem


def test_a_trace_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--trace", tmp_path / "none.csv") == 1
    assert "There is no file" in capsys.readouterr().err


def test_requests_come_in_the_order_of_their_time(tmp_path: Path) -> None:
    file = tmp_path / "trace.csv"
    file.write_text(HEAD + "2026-11-24 09:00:01.5000000,3,4\n2026-11-24 09:00:01,1,2\n")
    assert read_trace(file) == [Recorded(0.0, 1, 2), Recorded(0.5, 3, 4)]


def test_the_trace_of_the_project_is_one() -> None:
    trace = read_trace(ROOT / "examples" / "traffic" / "trace.csv")
    assert len(trace) == 60
    assert trace[-1].due < 60


@pytest.mark.parametrize(
    "arguments", [["--speed", "2"], ["--json"], ["--trace", "t.csv", "--speed", "-1"], ["--speed", "fast"]]
)
def test_a_wrong_command_line(arguments: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        run(*arguments)


def test_without_a_trace_the_demo_is_started(tmp_path: Path) -> None:
    (tmp_path / "start_monitoring.py").write_text("import sys\nprint(sys.argv[1:])\nsys.exit(7)\n")
    code = "from pathlib import Path; import sys; from ai_monitoring.cli.demo import start; sys.exit(start(Path('.')))"
    started = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=os.environ, capture_output=True, text=True, check=False
    )
    assert (started.returncode, started.stdout) == (7, "['--demo']\n")
    (tmp_path / "start_monitoring.py").unlink()
    with pytest.raises(StackError, match="clone it"):
        start(tmp_path)
