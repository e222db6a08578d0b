"""A real trace through the demo's FastAPI service with four workers: no call, token or cent is lost or counted twice.

The trace is Azure's (CC BY 4.0; Patel et al., "Splitwise", ISCA 2024), from beside the repository; where it is not
there, the project's own made-up one.
"""

import csv
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from time import monotonic, sleep

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from ai_monitoring.cli import main

ROOT = Path(__file__).parents[2]
AZURE = ROOT.parent / "shared" / "data" / "azure_llm_trace_code_2023.csv"
TRACE = AZURE if AZURE.exists() else ROOT / "examples" / "traffic" / "trace.csv"

# gpt-4o-mini's list price, in dollars for a million tokens, and the rate that the test's own monitoring.yaml sets.
INPUT_PRICE, OUTPUT_PRICE = Fraction("0.15"), Fraction("0.60")
EUROS_A_DOLLAR = Fraction("0.8765")
MODEL = "gpt-4o-mini"
WORKERS = 4


@dataclass(frozen=True)
class Sums:
    """What is in the file, added up here: the independent side of the comparison."""

    calls: int
    context: int
    generated: int

    @property
    def cost(self) -> Fraction:
        dollars = (self.context * INPUT_PRICE + self.generated * OUTPUT_PRICE) / 1_000_000
        return dollars * EUROS_A_DOLLAR


def add_up(file: Path) -> Sums:
    with file.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.reader(lines))[1:]
    return Sums(len(rows), sum(int(row[1]) for row in rows), sum(int(row[2]) for row in rows))


@contextmanager
def process(module: str, environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [sys.executable, "-m", module], cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
        ) as started,
    ):
        try:
            yield started
        finally:
            started.terminate()
            try:
                started.wait(10)
            except subprocess.TimeoutExpired:
                started.kill()


def await_answer(address: str, log: Path) -> None:
    deadline = monotonic() + 60
    while True:
        try:
            if httpx2.get(address, timeout=2, trust_env=False).is_success:
                return
        except httpx2.HTTPError:
            pass
        assert monotonic() < deadline, log.read_text()
        sleep(0.1)


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of the FastAPI service, with four workers and the stand-in behind it."""
    config = tmp_path / "monitoring.yaml"
    config.write_text(f"currency: EUR\nexchange_rates: {{USD: {float(EUROS_A_DOLLAR)}}}\n", encoding="utf-8")
    monkeypatch.setenv("AI_MONITORING_CONFIG", str(config))
    upstream, fastapi = free_port(), free_port()
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_BASE_URL")} | {
        "LLM_UPSTREAM_PORT": str(upstream),
        "FASTAPI_PORT": str(fastapi),
        "FASTAPI_WORKERS": str(WORKERS),
        "AI_MONITORING_DATA": str(tmp_path / "data"),
    }
    shared = {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "metrics")}
    with ExitStack() as stack:
        stack.enter_context(process("examples.upstream", environment, tmp_path / "upstream.log"))
        await_answer(f"http://127.0.0.1:{upstream}/health", tmp_path / "upstream.log")
        stack.enter_context(process("examples.fastapi_service", environment | shared, tmp_path / "fastapi.log"))
        await_answer(f"http://127.0.0.1:{fastapi}/health", tmp_path / "fastapi.log")
        yield f"http://127.0.0.1:{fastapi}"


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def samples(service: str) -> list[Sample]:
    """What the service counted for the replayed model; nothing else asks it."""
    page = httpx2.get(f"{service}/metrics", timeout=30, trust_env=False).text
    families = text_string_to_metric_families(page)
    return [sample for family in families for sample in family.samples if sample.labels.get("model") == MODEL]


def test_every_call_token_and_cent_of_the_trace_is_counted(
    service: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = add_up(TRACE)
    assert main(["demo", "--trace", str(TRACE), "--speed", "max", "--service", service]) == 0, (
        capsys.readouterr().out + (tmp_path / "fastapi.log").read_text()
    )
    counted = samples(service)

    def total(name: str, **labels: str) -> float:
        return sum(
            sample.value for sample in counted if sample.name == name and labels.items() <= sample.labels.items()
        )

    assert total("llm_requests_total") == total("llm_requests_total", status="ok", operation="chat") == expected.calls
    assert total("llm_tokens_total", type="input") == expected.context
    assert total("llm_tokens_total", type="output") == expected.generated
    cost = total("llm_cost_total", currency="EUR", team="coaching", project="replay")
    assert cost == pytest.approx(float(expected.cost), rel=1e-9, abs=0)
    assert total("llm_cost_total") == cost
    assert total("llm_time_to_first_token_seconds_count") == expected.calls // 2, "every other call was streamed"
    assert total("llm_unpriced_requests_total") == total("llm_estimated_requests_total") == 0

    printed = capsys.readouterr().out
    assert f"{expected.calls // 2:,} of them streamed" in printed
    assert printed.count(f"{float(expected.cost):,.6f} EUR") == 2
    assert "The service counted every call and token." in printed
    assert len(list((tmp_path / "metrics").glob("counter_*.db"))) == WORKERS
