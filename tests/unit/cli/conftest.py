"""What a watch has recorded, for the verbs that read it."""

import time
from collections.abc import Iterator

import pytest
from asgi_apps import served
from prometheus_client import CollectorRegistry
from recorded import prometheus

from ai_monitoring.deployments.deployment import Deployment, Outcome
from ai_monitoring.deployments.log import DeploymentLog
from ai_monitoring.incidents.alert import Alert
from ai_monitoring.incidents.desk import Desk
from ai_monitoring.incidents.log import IncidentLog
from ai_monitoring.incidents.metrics import IncidentMetrics
from ai_monitoring.incidents.receiver import receiver

CALLS = 'service="shop", provider="openai", model="gpt-4", source="ai_monitoring"'
BUDGET = 'scope="team", name="search", period="month"'
SERIES = {
    f"llm:requests:rate5m{{{CALLS}}}": 0.5,
    f"llm:errors:rate5m{{{CALLS}}}": 0.01,
    f"llm:rate_limited:rate5m{{{CALLS}}}": 0.005,
    f'llm:tokens:rate5m{{{CALLS}, type="input"}}': 50,
    f'llm:tokens:rate5m{{{CALLS}, type="output"}}': 100,
    f'llm:tokens:rate5m{{{CALLS}, type="reasoning"}}': 70,
    f'llm:request_duration_seconds_bucket:rate5m{{{CALLS}, le="1"}}': 0.25,
    f'llm:request_duration_seconds_bucket:rate5m{{{CALLS}, le="2"}}': 0.5,
    f'llm:request_duration_seconds_bucket:rate5m{{{CALLS}, le="+Inf"}}': 0.5,
    f'llm:cost:rate5m{{{CALLS}, team="search", currency="EUR"}}': 0.001,
    f'llm:cost:rate5m{{{CALLS}, team="faq", currency="EUR"}}': 0.00025,
    'ai:quality_score:mean15m{service="shop", dimension="relevance"}': 0.82,
    'ai:quality_score:mean15m{service="shop", dimension="coherence"}': 0.9,
    'ai:flagged_answers:increase15m{service="shop", check="toxicity"}': 3,
    f"finops:budget_used:ratio{{{BUDGET}}}": 0.42,
    'service:up{service="shop", instance="a"}': 1,
    'service:up{service="chat", instance="b"}': 0,
    'service:available:ratio{service="shop"}': 0.995,
    'service:memory_bytes{service="shop"}': 123_456_789,
    'ai:personal_data_sent:increase1h{service="shop", type="iban"}': 2,
}


@pytest.fixture(scope="package")
def prometheus_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Of a real Prometheus that holds an hour of SERIES."""
    with prometheus(tmp_path_factory.mktemp("prometheus"), SERIES) as port:
        yield port


@pytest.fixture(scope="package")
def incidents_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Of an incident receiver that knows of one incident that lasts, one that is over, and a deployment."""
    folder = tmp_path_factory.mktemp("incidents")
    log, deployments = IncidentLog(folder / "incidents.db"), DeploymentLog(folder / "deployments.db")
    now = time.time()
    for name, severity, ended in (("ServiceDown", "critical", None), ("LLMSlow", "warning", now - 60)):
        log.receive(
            Alert(
                status="resolved" if ended else "firing",
                labels={"alertname": name, "severity": severity, "service": "shop"},
                annotations={"summary": f"shop has {name}"},
                fingerprint=f"{name:>16}",
                started_at=now - 300,
                ended_at=ended,
            )
        )
    deployments.add(Deployment(service="shop", version="1.4.2", status=Outcome.SUCCEEDED, at=now - 120))
    registry = CollectorRegistry()
    with served(receiver(Desk(log, IncidentMetrics(registry)), registry, deployments=deployments)) as address:
        yield int(address.rpartition(":")[2])
    log.close()
    deployments.close()


@pytest.fixture
def watch(prometheus_port: int, incidents_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line asks these two."""
    monkeypatch.setenv("PROMETHEUS_PORT", str(prometheus_port))
    monkeypatch.setenv("INCIDENTS_PORT", str(incidents_port))
