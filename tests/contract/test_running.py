"""The watch's files in real programs of both releases, around a service that exposes the whole catalogue."""

import json
import re
import socket
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml
from boards import PanelQuery, panel_queries
from programs import CACHE, SUITES, programs
from prometheus_client import CollectorRegistry, ProcessCollector
from watch import ROOT, queries, rules, runbooks

from ai_monitoring.metrics.catalog import CATALOG
from ai_monitoring.metrics.declaration import Kind
from ai_monitoring.metrics.exposition import expose
from ai_monitoring.metrics.instrument import instrument
from ai_monitoring.stack.rendering import on_loopback
from ai_monitoring.stack.settings import DEFAULT_PORTS

PARTS = {
    "prometheus": "PROMETHEUS_PORT",
    "alertmanager": "ALERTMANAGER_PORT",
    "node": "NODE_EXPORTER_PORT",
    "blackbox": "BLACKBOX_EXPORTER_PORT",
    "incidents": "INCIDENTS_PORT",
    "otel-collector": "OTEL_COLLECTOR_PORT",
    "spend": "SPEND_PORT",
    "collect": "COLLECT_PORT",
}
EXPORTERS: dict[str, list[str]] = yaml.safe_load(Path(__file__).with_name("exporters.yml").read_text(encoding="utf-8"))
QUIET = re.compile(
    "error|lost|unpriced|refused|rate_limited|estimated|restarts|oom|auth_failures|intrusion|dropped|connections_active|"
    "hallucinations|toxicity|bias|attacks|pii|consent|unapproved|ai_act|budget_(spent|forecast)|drift|reconciliation|ledger|"
    "temperature|throttled|gpu_memory_used|chain_broken|erasures_pending|retention_held"
)
"""What stands still while all is well."""
PATIENT = {
    "service:availability:ratio_1d",
    "host:disk_full_seconds",
    "incidents:opened:increase1d",
    "incidents:acknowledge_seconds:mean7d",
    "incidents:duration_seconds:mean7d",
    "service:client_errors:rate5m",
    *(rule.record for rule in rules() if rule.record.startswith("slo:")),
}
"""Recorded series that are there after minutes or hours only, or once a client errs. Objectives are recorded each
minute, or each four.
"""
COMPLAINT = re.compile(r"level=(warn|error)", re.IGNORECASE)


class Service(BaseHTTPRequestHandler):
    """Everything that the watch asks for: metrics and health at any path, and a webhook that remembers."""

    protocol_version = "HTTP/1.1"
    registry = CollectorRegistry()
    process = ProcessCollector(registry=registry)
    received: list[dict[str, Any]] = []  # noqa: RUF012 # one receiver a watch

    def do_GET(self) -> None:
        body, content_type = b"{}", "application/json"
        if self.path.startswith("/metrics"):
            move_every_metric(self.registry)
            body, content_type = expose(self.headers.get("Accept", ""), registry=self.registry)
        self.answer(body, content_type)

    def do_POST(self) -> None:
        self.received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.answer(b"", "text/plain")

    def answer(self, body: bytes, content_type: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 # http.server's own name
        pass


def move_every_metric(registry: CollectorRegistry) -> None:
    """One more of everything but errors."""
    for name, metric in CATALOG.items():
        child = instrument(name, registry)[tuple(value_of(name, label) for label in metric.labels)]
        if metric.kind is Kind.HISTOGRAM:
            child.observe(0.6 if "confidence" in name else 0.01)
        elif name.endswith("evaluated_timestamp_seconds"):
            child.set(time.time())
        elif name.startswith("ml_model_quality"):
            child.set(1)
        else:
            child.inc(0 if QUIET.search(name) else 1)


def value_of(name: str, label: str) -> str:
    if name.startswith("ai_monitoring_ledger"):
        return "lost"
    if label == "status":
        return "ok" if name.startswith(("llm_", "rag_")) else "200"
    return VALUES.get(label, label)


VALUES = {
    "provider": "openai",
    "type": "input",
    "result": "hit",
    "check": "toxicity",
    "confidence": "high",
    "direction": "prompt",
    "category": "prohibited",
    "metric": "accuracy",
}
"""Labels that rules look for, where the label's own name will not do."""


@dataclass
class Watch:
    """A running watch; `ports` by part, and the toy service under `service`."""

    ports: dict[str, int]
    logs: Path

    def get(self, path: str, part: str = "prometheus", **query: str) -> Any:
        address = f"http://127.0.0.1:{self.ports[part]}{path}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(address, timeout=5) as response:
            return json.load(response)

    def rules(self) -> list[dict[str, Any]]:
        return [rule for group in self.get("/api/v1/rules")["data"]["groups"] for rule in group["rules"]]

    def targets(self) -> list[dict[str, Any]]:
        targets: list[dict[str, Any]] = self.get("/api/v1/targets", state="active")["data"]["activeTargets"]
        return targets

    def names(self) -> set[str]:
        return set(self.get("/api/v1/label/__name__/values")["data"])

    def settled(self) -> bool:
        """Whether every target was scraped twice and every rule evaluated on that."""
        recorded = {rule.record for rule in rules() if rule.record} - PATIENT
        return all(target["health"] == "up" for target in self.targets()) and recorded <= self.names()


@pytest.fixture(scope="module", params=SUITES)
def watch(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watch]:
    folder = tmp_path_factory.mktemp("watch")
    Service.received.clear()
    with ExitStack() as stack:
        service = stack.enter_context(serve())
        stood_in = ("incidents", "otel-collector", "spend", "collect", "service")
        ports = {**free_ports(), **dict.fromkeys(stood_in, service)}
        running = Watch(ports, folder)
        configure(folder, ports)
        for name, command in commands(folder, ports, request.param).items():
            stack.enter_context(process(command, folder / f"{name}.log"))
        wait(lambda: bool(running.settled()))
        yield running


@contextmanager
def serve() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@contextmanager
def process(command: list[str], log: Path) -> Iterator[None]:
    with log.open("w") as output:
        started = subprocess.Popen(command, cwd=CACHE, stdout=output, stderr=subprocess.STDOUT)
    try:
        yield
    finally:
        started.kill()
        started.wait()


def free_ports() -> dict[str, int]:
    with ExitStack() as stack:
        sockets = {part: stack.enter_context(socket.create_server(("127.0.0.1", 0))) for part in PARTS}
        return {part: listening.getsockname()[1] for part, listening in sockets.items()}


def configure(folder: Path, ports: dict[str, int]) -> None:
    """The shipped files with ports moved, once a second instead of every 15, and the examples of services declared."""
    for file in ("prometheus/prometheus.yml", "alertmanager/alertmanager.yml"):
        moved = {setting: ports[part] for part, setting in PARTS.items()}
        text = on_loopback((ROOT / file).read_text(encoding="utf-8"), {**DEFAULT_PORTS, **moved})
        (folder / Path(file).name).write_text(text.replace("15s", "1s"), encoding="utf-8")
    (folder / "rules").symlink_to(ROOT / "prometheus" / "rules")
    shipped = (ROOT / "prometheus" / "targets" / "services.yml").read_text(encoding="utf-8")
    examples = re.sub(r"^# (?=- |  labels| {4}\w+: )", "", shipped.partition("# Django")[2], flags=re.MULTILINE)
    examples = re.sub(r"127\.0\.0\.1:\d+", f"127.0.0.1:{ports['service']}", "# Django" + examples)
    targets = folder / "targets"
    targets.mkdir()
    (targets / "services.yml").write_text(shipped, encoding="utf-8")
    (targets / "examples.yml").write_text(examples, encoding="utf-8")
    bare = f"- targets: [localhost:{ports['service']}]\n  labels: {{ __health_path__: none }}\n"
    (targets / "bare.yml").write_text(bare, encoding="utf-8")


def commands(folder: Path, ports: dict[str, int], suite: str) -> dict[str, list[str]]:
    listen = {part: f"--web.listen-address=127.0.0.1:{port}" for part, port in ports.items()}
    own, exporters = programs(suite), programs("bookworm")
    return {
        "alertmanager": [
            str(own / "prometheus-alertmanager"),
            f"--config.file={folder / 'alertmanager.yml'}",
            f"--storage.path={folder / 'alertmanager'}",
            "--cluster.listen-address=",
            listen["alertmanager"],
        ],
        "blackbox": [
            str(exporters / "prometheus-blackbox-exporter"),
            f"--config.file={ROOT / 'blackbox' / 'blackbox.yml'}",
            listen["blackbox"],
        ],
        "node": [
            str(exporters / "prometheus-node-exporter"),
            "--collector.disable-defaults",
            *(f"--collector.{name}" for name in ("cpu", "filesystem", "meminfo", "timex", "vmstat")),
            listen["node"],
        ],
        "prometheus": [
            str(own / "prometheus"),
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'prometheus'}",
            "--rules.alert.resend-delay=1s",
            listen["prometheus"],
        ],
    }


def wait(condition: Any, seconds: float = 240) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            if condition():
                return
        except (OSError, ValueError):
            pass  # not listening yet
        assert time.monotonic() < deadline, "the watch did not settle"
        time.sleep(0.2)


def test_every_rule_is_evaluated(watch: Watch) -> None:
    evaluated = watch.rules()
    assert len(evaluated) == len(rules())
    faulty = {rule["name"]: rule.get("lastError") for rule in evaluated if rule["health"] != "ok"}
    assert not {name: error for name, error in faulty.items() if error or name not in PATIENT}


def test_every_series_that_the_parts_should_expose_is_there(watch: Watch) -> None:
    assert {name for names in EXPORTERS.values() for name in names} <= watch.names()


def test_services_are_scraped_and_probed_where_their_target_says(watch: Watch) -> None:
    port = watch.ports["service"]
    scraped = {t["labels"]["service"]: t["scrapeUrl"] for t in watch.targets() if t["labels"]["job"] == "services"}
    assert scraped == {
        "shop": f"http://127.0.0.1:{port}/metrics/",
        "search": f"http://127.0.0.1:{port}/metrics",
        "chat": f"http://127.0.0.1:{port}/metrics",
        f"localhost:{port}": f"http://localhost:{port}/metrics",
    }
    probed = {
        t["labels"]["service"]: (t["labels"]["instance"], urllib.parse.unquote(t["scrapeUrl"]))
        for t in watch.targets()
        if t["labels"]["job"] == "probes"
    }
    probe = f"http://127.0.0.1:{watch.ports['blackbox']}/probe?module=http_2xx&target=http://127.0.0.1:{port}"
    assert probed == {
        "shop": (f"127.0.0.1:{port}", f"{probe}/health/"),
        "search": (f"127.0.0.1:{port}", f"{probe}/health"),
        "chat": (f"127.0.0.1:{port}", f"{probe}/_stcore/health"),
    }


def test_a_declared_capacity_is_a_number_and_no_label_of_the_services_series(watch: Watch) -> None:
    def vector(query: str) -> list[Any]:
        result: list[Any] = watch.get("/api/v1/query", query=query)["data"]["result"]
        return result

    (capacity,) = vector("service:capacity_per_minute")
    assert (capacity["metric"]["service"], capacity["value"][1]) == ("search", "600")
    (labelled,) = vector('{capacity_per_minute!="", __name__!~"scrape_.+"}')
    assert (labelled["metric"]["__name__"], labelled["metric"]["job"]) == ("up", "services")


def test_nothing_but_the_dead_mans_switch_fires(watch: Watch) -> None:
    alerts = watch.get("/api/v1/alerts")["data"]["alerts"]
    assert [alert["labels"]["alertname"] for alert in alerts if alert["state"] == "firing"] == ["Watchdog"]


def test_the_dead_mans_switch_reaches_the_receiver(watch: Watch) -> None:
    wait(lambda: any(call["commonLabels"]["alertname"] == "Watchdog" for call in Service.received))


def test_a_critical_alert_holds_its_warning_back(watch: Watch) -> None:
    labels = [
        {"alertname": "ServiceErrorRate", "service": "shop", "severity": "critical"},
        {"alertname": "ServiceErrorRate", "service": "shop", "severity": "warning"},
        {"alertname": "ServiceErrorRate", "service": "chat", "severity": "warning"},
        {"alertname": "ServiceDown", "service": "search", "severity": "critical"},
        {"alertname": "DjangoSlow", "service": "search", "severity": "warning"},
        {"alertname": "ServiceDown", "service": "many", "instance": "a", "outage": "partial", "severity": "critical"},
        {"alertname": "ServiceProbeFailing", "service": "many", "instance": "a", "severity": "warning"},
        {"alertname": "ServiceProbeFailing", "service": "many", "instance": "b", "severity": "warning"},
        {"alertname": "DjangoSlow", "service": "many", "severity": "warning"},
        {"alertname": "TargetDown", "job": "node", "severity": "warning"},
    ]
    tell(watch, labels)
    # Alertmanager takes an alert first and looks for what it inhibits then.
    wait(
        lambda: (
            {("DjangoSlow", "search"), ("ServiceErrorRate", "shop"), ("ServiceProbeFailing", "many")}
            <= held_back(watch)
        ),
        10,
    )
    assert not {("ServiceErrorRate", "chat"), ("TargetDown", "")} & held_back(watch)
    # Where other instances answer for it, the service's own warnings, and theirs, are heard.
    assert [(name, instance) for name, service, instance in held_back_instances(watch) if service == "many"] == [
        ("ServiceProbeFailing", "a")
    ]


def test_a_burning_error_budget_and_the_warning_on_its_errors_do_not_both_ring(watch: Watch) -> None:
    """A page holds the warning back, the warning a ticket; of another objective or another service nothing."""
    burn = {"alertname": "ErrorBudgetBurn", "slo": "availability", "window": "1h", "severity": "critical"}
    ticket = {**burn, "window": "1d", "severity": "warning"}
    services = ("paged", "ticketed", "untrue", "other")
    rates = [{"alertname": "ServiceErrorRate", "service": name, "severity": "warning"} for name in services]
    burns = [
        {**burn, "service": "paged"},
        {**ticket, "service": "ticketed"},
        {**burn, "service": "untrue", "slo": "answer_quality"},
    ]
    tell(watch, [*rates, *burns])
    expected = {("ServiceErrorRate", "paged"), ("ErrorBudgetBurn", "ticketed")}
    wait(lambda: expected <= held_back(watch), 10)
    assert {one for one in held_back(watch) if one[1] in services} == expected


def tell(watch: Watch, labels: list[dict[str, str]]) -> None:
    """Tell Alertmanager of these alerts, as Prometheus would."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{watch.ports['alertmanager']}/api/v2/alerts",
        data=json.dumps([{"labels": each} for each in labels]).encode(),
        headers={"Content-Type": "application/json"},
    )
    urllib.request.urlopen(request, timeout=5).close()


def held_back(watch: Watch) -> set[tuple[str, str]]:
    return {(name, service) for name, service, _ in held_back_instances(watch)}


def held_back_instances(watch: Watch) -> list[tuple[str, ...]]:
    alerts: list[dict[str, Any]] = watch.get("/api/v2/alerts", part="alertmanager", active="false")
    return [tuple(alert["labels"].get(name, "") for name in ("alertname", "service", "instance")) for alert in alerts]


@pytest.mark.parametrize("runbook", runbooks(), ids=lambda runbook: runbook.stem)
def test_a_runbooks_queries_are_answered(watch: Watch, runbook: Path) -> None:
    for query in queries(runbook):
        assert watch.get("/api/v1/query", query=query)["status"] == "success"


@pytest.mark.parametrize("query", panel_queries("prometheus"), ids=lambda query: query.label)
def test_a_panels_query_is_answered(watch: Watch, query: PanelQuery) -> None:
    assert watch.get("/api/v1/query", query=query.runnable)["status"] == "success"


def test_nobody_warns(watch: Watch) -> None:
    logs = [watch.logs / f"{name}.log" for name in ("prometheus", "alertmanager", "blackbox")]
    lines = [line for log in logs for line in log.read_text(encoding="utf-8").splitlines()]
    assert lines
    assert not [line for line in lines if COMPLAINT.search(line)]
