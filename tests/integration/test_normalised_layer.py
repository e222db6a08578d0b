"""What other instrumentations expose lights up the `llm:` series: their scrapes, served to a real Prometheus."""

import json
import re
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from programs import SUITES, programs
from watch import ROOT

SOURCES = ("litellm", "opentelemetry", "vllm")
SAMPLE = re.compile(r"^([a-z][^ ]*(?:\{.*\})?) (\S+)$", re.MULTILINE)
MODEL = {
    "litellm": {"provider": "openai", "model": "gpt-4o-mini"},
    "opentelemetry": {"provider": "openai", "model": "gpt-4o-mini"},
    "vllm": {"provider": "vllm", "model": "mistral-7b"},
}
# Of ten recorded calls one met a 429 and one a 500; of vLLM's eight one was aborted and one failed.
ERRORS = {"litellm": 0.2, "opentelemetry": 0.2, "vllm": 0.125}
RATE_LIMITED = {"litellm": 0.1, "opentelemetry": 0.1, "vllm": 0}
# Each of the eight answers took 120 tokens in and 40 out.
OUTPUT_SHARE = 0.25
LAYER = (
    "llm:requests:rate5m",
    "llm:errors:ratio_rate5m",
    "llm:rate_limited:rate5m",
    "llm:request_duration_seconds:p50",
    "llm:request_duration_seconds:p95",
    "llm:request_duration_seconds:p99",
    "llm:time_to_first_token_seconds:p50",
    "llm:time_to_first_token_seconds:p95",
    "llm:tokens_per_minute:rate5m",
)
CONFIG = """\
global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: [RULES/rules/*.yml]
scrape_configs:
  - job_name: services
    static_configs:
"""


class Exporter(BaseHTTPRequestHandler):
    """A recorded scrape at its name's path, every value times the number of the scrape: counters that move."""

    scrapes = count(1)

    def do_GET(self) -> None:
        text = (ROOT / "tests" / "scrapes" / f"{Path(self.path).name}.txt").read_text(encoding="utf-8")
        times = next(self.scrapes)
        body = SAMPLE.sub(lambda line: f"{line[1]} {float(line[2]) * times}", text).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 # http.server's own name
        pass


@contextmanager
def exporter() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Exporter) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module", params=SUITES)
def prometheus(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Prometheus that reads the three scrapes."""
    folder = tmp_path_factory.mktemp("prometheus")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        own = taken.getsockname()[1]
    with exporter() as port:
        targets = "".join(
            f"      - targets: [127.0.0.1:{port}]\n"
            f"        labels: {{ service: {source}-service, __metrics_path__: /{source} }}\n"
            for source in SOURCES
        )
        config = folder / "prometheus.yml"
        config.write_text(CONFIG.replace("RULES", str(folder)) + targets, encoding="utf-8")
        (folder / "rules").mkdir()
        for file in (ROOT / "prometheus" / "rules").glob("*.yml"):
            # Groups with an interval of their own are evaluated as often as all else.
            text = re.sub(r"^    interval: .*\n", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
            (folder / "rules" / file.name).write_text(text, encoding="utf-8")
        command = [
            str(programs(request.param) / "prometheus"),
            f"--config.file={config}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{own}",
        ]
        with (folder / "log").open("w") as log:
            started = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        try:
            yield f"http://127.0.0.1:{own}"
        finally:
            started.kill()
            started.wait()


def values(prometheus: str, query: str, seconds: float = 30) -> dict[str, tuple[dict[str, str], float]]:
    """Labels and value by source, once every source answers. Fails when one does not."""
    address = f"{prometheus}/api/v1/query?{urllib.parse.urlencode({'query': query})}"
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5) as response:
                found = json.load(response)["data"]["result"]
        except OSError:
            found = []  # not listening yet
        answers = {each["metric"]["source"]: (each["metric"], float(each["value"][1])) for each in found}
        if answers.keys() >= set(SOURCES) and all(value == value for _, value in answers.values()):
            assert len(answers) == len(found), "one series a source"
            return answers
        assert time.monotonic() < deadline, f"{query} has {sorted(answers)} only"
        time.sleep(0.2)


@pytest.mark.parametrize("name", LAYER)
def test_each_source_lights_up_the_same_series(prometheus: str, name: str) -> None:
    for source, (labels, _) in values(prometheus, name).items():
        labels.pop("__name__", None)
        assert labels == {"service": f"{source}-service", "source": source, **MODEL[source]}


@pytest.mark.parametrize(
    ("query", "shares"),
    [
        ("llm:errors:ratio_rate5m", ERRORS),
        ("llm:rate_limited:rate5m / llm:requests:rate5m", RATE_LIMITED),
        (
            'sum without (type) (llm:tokens:rate5m{type="output"}) / (llm:tokens_per_minute:rate5m / 60)',
            dict.fromkeys(SOURCES, OUTPUT_SHARE),
        ),
    ],
)
def test_shares_are_what_was_recorded(prometheus: str, query: str, shares: dict[str, float]) -> None:
    # A scrape that arrives between two rules leaves one of them a scrape behind until the next evaluation.
    def found() -> dict[str, float]:
        return {source: value for source, (_, value) in values(prometheus, query).items()}

    deadline = time.monotonic() + 20
    while (last := found()) != pytest.approx(shares) and time.monotonic() < deadline:
        time.sleep(0.3)
    assert last == pytest.approx(shares)


def test_latency_lies_in_the_bucket_of_what_was_recorded(prometheus: str) -> None:
    p95 = {source: value for source, (_, value) in values(prometheus, "llm:request_duration_seconds:p95").items()}
    assert 0 < p95["opentelemetry"] < 1
    assert 0 < p95["litellm"] < 1
    assert 0.8 < p95["vllm"] <= 1.0
