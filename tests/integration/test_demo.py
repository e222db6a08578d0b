"""The demo's services and traffic, started as the launcher starts them, under real HTTP."""

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from examples.settings import load_secrets

from ai_monitoring.metrics.catalog.llm import COACHING, FAQ, LLM, RAG
from ai_monitoring.metrics.catalog.services import BETWEEN_SERVICES, DJANGO, FASTAPI, STREAMLIT
from ai_monitoring.metrics.declaration import Kind

ROOT = Path(__file__).parents[2]
SERVICES = ("django", "fastapi", "streamlit")
UPSTREAM = "llm_upstream"
METRICS = {"django": "/metrics/", "fastapi": "/metrics", "streamlit": "/metrics"}
# SQLite is a file, which allows any number of connections. A model without a price is for whoever orders its alert.
ABSENT = {"django_db_connections_max", "llm_unpriced_requests_total"}
SESSIONS = [metric for metric in COACHING if metric.name.startswith("coaching_")]
STOP_SECONDS = 5

Samples = dict[str, dict[str, float]]


class Demo:
    """All processes of the demo, on free ports, with their data and logs in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        parts = (UPSTREAM, *SERVICES)
        self.ports = dict(zip(parts, _free_ports(len(parts)), strict=True))
        ports = {f"{name.upper()}_PORT": str(port) for name, port in self.ports.items()}
        own = {
            "AI_MONITORING_DATA": str(folder / "data"),
            "AI_MONITORING_LEDGER": f"sqlite:///{folder / 'ledger.db'}",
            "AI_MONITORING_COMPLIANCE": str(folder / "compliance"),
            "STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL": "2",
        }
        self._environment = {**os.environ, **ports, **own, "AI_MONITORING_LOG_PROMPTS": "redacted"}
        self._processes = {name: self._start(f"examples.{name}_service") for name in SERVICES}
        self._processes[UPSTREAM] = self._start("examples.upstream")

    def _start(self, module: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{module}.log").open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", module], cwd=ROOT, env=self._environment, stdout=log, stderr=subprocess.STDOUT
            )

    def traffic(self) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "examples.traffic", "--once"]
        return subprocess.run(
            command, cwd=ROOT, env=self._environment, capture_output=True, text=True, timeout=120, check=False
        )

    def get(self, service: str, path: str) -> str:
        address = f"http://127.0.0.1:{self.ports[service]}{path}"
        with urllib.request.urlopen(address, timeout=10) as answer:
            text: str = answer.read().decode()
            return text

    def health(self, service: str) -> Any:
        return json.loads(self.get(service, "/health/" if service == "django" else "/health"))

    def log(self) -> str:
        return "\n".join(path.read_text() for path in self.folder.glob("*.log"))

    def wait(self) -> None:
        deadline = time.monotonic() + 60
        for service in SERVICES:
            while True:
                assert self._processes[service].poll() is None, self.log()
                assert time.monotonic() < deadline, self.log()
                try:
                    self.health(service)
                except OSError:
                    time.sleep(0.1)
                else:
                    break
        while len(self.health("fastapi")["strategies"]) < 3:
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.1)

    def stop(self, *services: str) -> dict[str, int]:
        """Ask services to stop, and return their exit codes."""
        for service in services:
            self._processes[service].send_signal(signal.SIGTERM)
        return {service: self._processes.pop(service).wait(STOP_SECONDS) for service in services}

    def kill(self) -> None:
        for process in self._processes.values():
            process.kill()
            process.wait()


def _free_ports(number: int) -> list[int]:
    sockets = [socket.socket() for _ in range(number)]
    for free in sockets:
        free.bind(("127.0.0.1", 0))
    ports = [free.getsockname()[1] for free in sockets]
    for free in sockets:
        free.close()
    return ports


def parse(text: str) -> Samples:
    """The samples of a page of metrics: metric, then labels."""
    samples: Samples = {}
    for name, labels, value in re.findall(r"^(\w+)(?:\{(.*)\})? (\S+)$", text, re.MULTILINE):
        samples.setdefault(name, {})[labels] = float(value)
    return samples


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    demo = Demo(tmp_path_factory.mktemp("demo"))
    try:
        demo.wait()
        yield demo
    finally:
        demo.kill()


@pytest.fixture(scope="module")
def scraped(demo: Demo) -> dict[str, Samples]:
    """The metrics of each service after each scenario of the traffic has happened once."""
    traffic = demo.traffic()
    assert traffic.returncode == 0, traffic.stdout + traffic.stderr + demo.log()
    deadline = time.monotonic() + 60
    while True:  # a session's length is known once its browser can no longer come back
        scraped = {service: parse(demo.get(service, path)) for service, path in METRICS.items()}
        if scraped["streamlit"]["streamlit_session_duration_seconds_count"][""]:
            return scraped
        assert time.monotonic() < deadline
        time.sleep(0.5)


def test_health_says_what_a_service_depends_on(demo: Demo) -> None:
    health = demo.health("django")
    assert health["status"] == "ok"
    assert health["dependencies"] == {"database": "ok", "fastapi": "ok"}
    assert set(health) == {"status", "service", "version", "time", "dependencies"}
    fastapi = demo.health("fastapi")
    assert fastapi["dependencies"] == {"django": "ok"}
    assert (fastapi["strategies"], fastapi["faq"]) == (["A", "B", "C"], 67)
    assert demo.health("streamlit")["dependencies"] == {"django": "ok", "fastapi": "ok"}


def test_traffic_moves_every_metric(scraped: dict[str, Samples]) -> None:
    catalogue = {
        "django": [*DJANGO, *BETWEEN_SERVICES],
        "fastapi": [*FASTAPI, *BETWEEN_SERVICES, *LLM, *RAG, *FAQ, *COACHING],
        "streamlit": [*STREAMLIT, *BETWEEN_SERVICES, *SESSIONS],
    }
    still = []
    for service, metrics in catalogue.items():
        for metric in metrics:
            name = f"{metric.name}_count" if metric.kind is Kind.HISTOGRAM else metric.name
            samples = scraped[service].get(name, {})
            # A gauge of what goes on now may well be 0 after the last scenario.
            moved = bool(samples) if metric.kind is Kind.GAUGE else any(samples.values())
            if not moved and metric.name not in ABSENT:
                still.append(f"{service}: {metric.name}")
    assert still == []


def test_each_reason_kind_and_outcome_is_there(scraped: dict[str, Samples]) -> None:
    reasons = {"bad_credentials", "missing", "expired", "invalid", "malformed", "forbidden"}
    for service in ("django", "fastapi"):
        failures = scraped[service][f"{service}_auth_failures_total"]
        assert {labels for labels, value in failures.items() if value} == {f'reason="{reason}"' for reason in reasons}
    probes = scraped["django"]["django_intrusion_attempts_total"]
    assert all(probes[f'kind="{kind}"'] for kind in ("traversal", "injection", "xss", "scanner"))

    def calls(caller: str, callee: str, outcome: str) -> float:
        labels = f'callee="{callee}",caller="{caller}",outcome="{outcome}"'
        return scraped[caller]["service_call_duration_seconds_count"].get(labels, 0)

    assert calls("django", "fastapi", "ok") > 0
    assert calls("django", "fastapi", "timeout") > 0
    assert calls("fastapi", "django", "ok") > 0
    assert calls("streamlit", "django", "error") > 0
    assert calls("streamlit", "fastapi", "ok") > 0


def test_services_do_not_count_for_each_other(scraped: dict[str, Samples]) -> None:
    for service, samples in scraped.items():
        strangers = [name for name in samples if name.startswith(tuple(s for s in SERVICES if s != service))]
        assert strangers == []
        (callers,) = [{label.split('"')[3] for label in samples["service_call_duration_seconds_count"]}]
        assert callers == {service}


def test_the_instrumentation_has_no_errors(scraped: dict[str, Samples]) -> None:
    for samples in scraped.values():
        assert not any(samples["ai_monitoring_instrumentation_errors_total"].values())
        assert not any(samples.get("ai_monitoring_series_dropped_total", {}).values())


def test_chat_and_coaching_count_once(scraped: dict[str, Samples]) -> None:
    streamlit = scraped["streamlit"]
    # One visitor asks once.
    assert streamlit["streamlit_chat_messages_total"]['role="user"'] == 1
    assert streamlit["coaching_sessions_total"] == {'channel="chat"': 1, 'channel="plan"': 1}
    # One session over the API, one from the page, and one whose athlete leaves.
    assert scraped["fastapi"]["coaching_sessions_total"] == {'channel="api"': 3}
    assert set(streamlit["streamlit_page_load_seconds_count"]) == {
        f'page="{page}"' for page in ("page", "plan", "advice", "breathe", "trouble")
    }


def test_each_strategy_stage_and_trouble_is_counted(scraped: dict[str, Samples]) -> None:
    fastapi = scraped["fastapi"]
    stages = ("validation", "strategy", "embedding", "search", "generation", "formatting")
    assert all(fastapi["rag_stage_duration_seconds_count"].get(f'stage="{stage}"') for stage in stages)
    assert any(value for labels, value in fastapi["rag_queries_total"].items() if 'strategy="C"' in labels)
    statuses = {
        match[1]
        for labels, value in fastapi["llm_requests_total"].items()
        if value and (match := re.search(r'status="(\w+)"', labels))
    }
    assert statuses == {"ok", "server_error", "timeout", "cancelled"}
    assert sum(fastapi["llm_rate_limited_total"].values()) == 1
    operations = set(re.findall(r'operation="(\w+)"', " ".join(fastapi["llm_requests_total"])))
    assert operations == {"chat", "responses", "embeddings", "messages"}
    assert {labels: value for labels, value in fastapi["faq_requests_total"].items() if '"200"' not in labels} == {
        'endpoint="/faq",status="422"': 1,
        'endpoint="/faq",status="502"': 1,
        'endpoint="/faq",status="504"': 1,
    }


def test_the_lines_that_people_search_for_are_there(demo: Demo, scraped: dict[str, Samples]) -> None:
    lines = [json.loads(line) for line in demo.log().splitlines() if line.startswith("{")]
    for beginning in (
        "Question received",
        "Strategy chosen",
        "Answered",
        "Low confidence",
        "FAQ entry used",
        "LLM error",
    ):
        assert any(line["message"].startswith(beginning) for line in lines), beginning


def test_secrets_stay_where_they_are(demo: Demo, scraped: dict[str, Samples]) -> None:
    data = demo.folder / "data"
    secrets = load_secrets(data)
    assert stat.S_IMODE((data / "secrets.json").stat().st_mode) == 0o600
    log = demo.log()
    for secret in (secrets.django_key, secrets.token_key, *secrets.passwords.values(), "eyJ"):
        assert secret not in log


def test_a_service_that_is_away_degrades_the_others_and_all_stop_in_time(tmp_path: Path) -> None:
    demo = Demo(tmp_path)
    try:
        demo.wait()
        assert demo.stop("fastapi").keys() == {"fastapi"}
        assert demo.health("django")["status"] == "degraded"
        assert demo.health("streamlit")["dependencies"] == {"django": "ok", "fastapi": "unreachable"}
        demo.stop("django", "streamlit")
        demo.stop(UPSTREAM)
        assert "Traceback" not in demo.log()
    finally:
        demo.kill()
