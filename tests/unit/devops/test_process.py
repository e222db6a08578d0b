"""What a process tells of itself."""

from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from ai_monitoring.collector.collector import MetricsCollector
from ai_monitoring.collector.request import AIRequest
from ai_monitoring.configuration import Configuration
from ai_monitoring.devops import Deployment, DevOps, Health
from ai_monitoring.devops import environment as said
from ai_monitoring.devops.memory import Memory
from ai_monitoring.devops.process import FRESH_SECONDS
from ai_monitoring.metrics.instrument import instrument


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def call(registry: CollectorRegistry, status: str, count: int = 1) -> None:
    instrument("llm_requests_total", registry)["openai", "gpt-4", "chat", status].inc(count)


def test_reads_this_process(registry: CollectorRegistry, clock: Clock) -> None:
    devops = DevOps(None, registry, environment={}, clock=clock)
    clock.now += 1
    sum(range(100_000))
    reading = devops.reading()
    assert reading.memory_bytes is not None
    assert reading.memory_bytes > 1_000_000
    assert reading.memory_ratio is not None
    assert 0 < reading.memory_ratio < 1
    assert reading.cpu_cores is not None
    assert reading.cpu_cores > 0
    assert (reading.gpus, reading.replicas, reading.deployment) == (None, None, Deployment("", "unknown"))


def test_health_and_availability_are_of_the_last_five_minutes(registry: CollectorRegistry, clock: Clock) -> None:
    devops = DevOps(None, registry, environment={}, clock=clock)
    assert (devops.reading().health, devops.reading().availability) == (Health.UNKNOWN, None)
    call(registry, "ok", 3)
    call(registry, "timeout")
    call(registry, "abandoned")
    clock.now += FRESH_SECONDS
    assert (devops.reading().health, devops.reading().availability) == (Health.OK, 0.8)
    clock.now += 301
    assert devops.reading().health is Health.UNKNOWN
    call(registry, "server_error", 2)
    clock.now += FRESH_SECONDS
    assert (devops.reading().health, devops.reading().availability) == (Health.FAILING, 0.0)


def test_a_reading_is_given_again_while_it_is_fresh(registry: CollectorRegistry, clock: Clock) -> None:
    devops = DevOps(None, registry, environment={}, clock=clock)
    first = devops.reading()
    clock.now += FRESH_SECONDS - 0.1
    assert devops.reading() is first
    clock.now += 0.1
    assert devops.reading() is not first


def test_many_readings_take_no_more_memory(registry: CollectorRegistry, clock: Clock) -> None:
    devops = DevOps(None, registry, environment={}, clock=clock)
    for _ in range(1000):
        clock.now += FRESH_SECONDS
        devops.reading()
    assert len(devops._calls._looks) <= 61


@pytest.mark.parametrize(("text", "limit"), [("1048576\n", 1_048_576), ("max\n", None), ("9" * 30, None)])
def test_memory_limit_is_the_control_groups(
    registry: CollectorRegistry, tmp_path: Path, text: str, limit: int | None
) -> None:
    file = tmp_path / "memory.max"
    file.write_text(text)
    reading = DevOps(None, registry, environment={}, memory=Memory((tmp_path / "none", file))).reading()
    machine = DevOps(None, registry, environment={}, memory=Memory(())).reading().memory_limit_bytes
    assert reading.memory_limit_bytes == (limit or machine)


def test_an_error_of_ours_is_counted_and_does_not_escape(
    registry: CollectorRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise OSError("no /proc")

    devops = DevOps(None, registry, environment={})
    monkeypatch.setattr("ai_monitoring.devops.process.said.gpus", broken)
    assert devops.reading().health is Health.UNKNOWN
    counted = {"component": "devops"}
    assert registry.get_sample_value("ai_monitoring_instrumentation_errors_total", counted) == 1


def test_version_comes_from_opentelemetrys_attributes() -> None:
    attributes = {"OTEL_RESOURCE_ATTRIBUTES": "service.name=shop, service.version=1.4%2E2,broken"}
    assert said.deployment(attributes) == Deployment("1.4.2", "succeeded")
    assert said.deployment({**attributes, "AI_MONITORING_DEPLOYMENT_STATUS": "started"}).status == "started"


@pytest.mark.parametrize(
    ("text", "count"), [("0,1", 2), ("", 0), ("-1", 0), ("0,-1,2", 1), ("GPU-8932f937,MIG-a/1", 2)]
)
def test_gpus_are_those_that_cuda_may_see(text: str, count: int) -> None:
    assert said.gpus({"CUDA_VISIBLE_DEVICES": text}) == count


@pytest.mark.parametrize(("text", "count"), [("4", 4), ("0", None), ("many", None), ("", None)])
def test_replicas_are_the_servers_workers(text: str, count: int | None) -> None:
    assert said.replicas({"WEB_CONCURRENCY": text}) == count


def test_a_record_carries_it(registry: CollectorRegistry) -> None:
    collector = MetricsCollector(Configuration(), registry=registry, evaluators=())
    results = collector.record(AIRequest(request_id="1", provider="openai", model="gpt-4"))
    assert results["devops"].memory_bytes > 1_000_000
    assert results["devops"].health in Health
