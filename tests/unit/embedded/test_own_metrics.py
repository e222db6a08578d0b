from collections.abc import Iterator

import pytest
from asgi_apps import client_of
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from ai_monitoring import __version__
from ai_monitoring.embedded.own_metrics import ALERTED_REASONS, Families, own_metrics
from ai_monitoring.embedded.store.counts import StoreCounts
from ai_monitoring.metrics.catalog.house import EMBEDDED

LIMIT = 2 * 10**9


@pytest.fixture
def counts() -> StoreCounts:
    return StoreCounts()


@pytest.fixture
def client(counts: StoreCounts) -> Iterator[TestClient]:
    with client_of(own_metrics(Families(counts, LIMIT), CollectorRegistry())) as client:
        yield client


def samples(client: TestClient) -> dict[tuple[str, str], float]:
    """By name, and the value of the only label."""
    return {
        (sample.name, "".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(client.get("/metrics").text)
        for sample in family.samples
        if not sample.name.endswith("_created")
    }


def test_every_declared_metric_is_told(client: TestClient, counts: StoreCounts) -> None:
    counts.lines, counts.spans, counts.deleted, counts.bytes_used = 3, 2, 1, 8192
    counts.oldest = 1_790_000_000_500_000_000
    counts.refuse("too_old", 4)
    found = samples(client)
    assert {name for name, _ in found} == {metric.name for metric in EMBEDDED}
    assert found["ai_monitoring_embedded_stored_total", "logs"] == 3
    assert found["ai_monitoring_embedded_stored_total", "traces"] == 2
    assert found["ai_monitoring_embedded_refused_total", "too_old"] == 4
    assert found["ai_monitoring_embedded_deleted_total", ""] == 1
    assert found["ai_monitoring_embedded_store_bytes", ""] == 8192
    assert found["ai_monitoring_embedded_store_limit_bytes", ""] == LIMIT
    assert found["ai_monitoring_embedded_oldest_timestamp_seconds", ""] == 1_790_000_000.5


def test_what_alerts_ask_for_is_there_from_the_start(client: TestClient) -> None:
    found = samples(client)
    assert [found["ai_monitoring_embedded_refused_total", reason] for reason in ALERTED_REASONS] == [0, 0, 0, 0]
    assert "ai_monitoring_embedded_oldest_timestamp_seconds" not in {name for name, _ in found}, "there is no oldest"


def test_health(client: TestClient) -> None:
    assert client.get("/health").json() == {"status": "ok", "version": __version__}
