"""Deployments told, kept, asked for and exposed."""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from prometheus_client import CollectorRegistry

from ai_monitoring.deployments import log as log_module
from ai_monitoring.deployments.deployment import Deployment, Outcome
from ai_monitoring.deployments.log import DeploymentLog
from ai_monitoring.deployments.metrics import SHOWN, DeploymentMetrics
from ai_monitoring.incidents.desk import Desk
from ai_monitoring.incidents.log import IncidentLog
from ai_monitoring.incidents.metrics import IncidentMetrics
from ai_monitoring.incidents.receiver import receiver

METRIC = "ai_deployment_timestamp_seconds"


@pytest.fixture
def log(tmp_path: Path) -> Iterator[DeploymentLog]:
    log = DeploymentLog(tmp_path / "data" / "deployments.db")
    yield log
    log.close()


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
async def client(log: DeploymentLog, registry: CollectorRegistry, tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    incidents = IncidentLog(tmp_path / "incidents.db")
    DeploymentMetrics(log, registry)
    app = receiver(Desk(incidents, IncidentMetrics(registry)), registry, deployments=log)
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:9095") as client:
        yield client
    incidents.close()


def deployment(version: str, at: float, service: str = "shop", status: Outcome = Outcome.SUCCEEDED) -> Deployment:
    return Deployment(service=service, version=version, status=status, at=at)


async def test_a_deployment_is_told_and_listed(client: httpx2.AsyncClient) -> None:
    told = await client.post("/api/deployments", json={"version": "1.4.2", "service": "shop", "status": "failed"})
    assert told.status_code == 201
    assert (await client.post("/api/deployments", json={"version": "2"})).status_code == 201
    found = (await client.get("/api/deployments")).json()["deployments"]
    assert [(one["service"], one["version"], one["status"]) for one in found] == [
        ("all", "2", "succeeded"),
        ("shop", "1.4.2", "failed"),
    ]
    assert found[1] == told.json()
    of_shop = await client.get("/api/deployments", params={"service": "shop", "since": found[1]["at"], "limit": 1})
    assert [one["version"] for one in of_shop.json()["deployments"]] == ["1.4.2"]


async def test_a_deployment_is_exposed(client: httpx2.AsyncClient) -> None:
    await client.post("/api/deployments", json={"version": "1.4.2", "service": "shop"})
    text = (await client.get("/metrics")).text
    assert f'{METRIC}{{service="shop",status="succeeded",version="1.4.2"}} ' in text


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({}, "version '' is no text of 1 to 100 printable characters"),
        ({"version": "x" * 101}, "no text of 1 to 100"),
        ({"version": "1\n2"}, "no text of 1 to 100"),
        ({"version": "1", "service": "a\x00b"}, "service 'a\\x00b' is no text"),
        ({"version": "1", "status": "done"}, "status 'done' is none of started, succeeded, failed"),
        ({"verison": "1"}, "verison is unknown; there are version and service and status"),
    ],
)
async def test_a_wrong_deployment(client: httpx2.AsyncClient, content: Any, reason: str) -> None:
    answer = await client.post("/api/deployments", json=content)
    assert answer.status_code == 400
    assert reason in answer.json()["error"]
    assert (await client.get("/api/deployments")).json() == {"deployments": []}


@pytest.mark.parametrize("query", ["limit=0", "limit=many", "since=yesterday", "servce=shop"])
async def test_a_wrong_question(client: httpx2.AsyncClient, query: str) -> None:
    assert (await client.get(f"/api/deployments?{query}")).status_code == 400


async def test_a_web_page_elsewhere_can_tell_nothing(client: httpx2.AsyncClient) -> None:
    plain = await client.post("/api/deployments", content=b'{"version": "1"}', headers={"Content-Type": "text/plain"})
    assert plain.status_code == 415
    assert (await client.get("/api/deployments", headers={"Host": "evil.example"})).status_code == 421


async def test_a_file_that_cannot_be_used_is_told(client: httpx2.AsyncClient, log: DeploymentLog) -> None:
    log.close()
    answer = await client.post("/api/deployments", json={"version": "1"})
    assert answer.status_code == 503
    assert "the log cannot be used" in answer.json()["error"]


def test_deployments_survive_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "deployments.db"
    first = DeploymentLog(file)
    first.add(deployment("1", 100.0))
    first.close()
    again = DeploymentLog(file)
    assert again.latest(10) == [deployment("1", 100.0)]
    again.close()
    assert file.stat().st_mode & 0o077 == 0


def test_a_version_deployed_again_has_its_latest_time(log: DeploymentLog, registry: CollectorRegistry) -> None:
    DeploymentMetrics(log, registry)
    for version, at in (("1", 100.0), ("2", 200.0), ("1", 300.0)):
        log.add(deployment(version, at))
    labels = {"service": "shop", "status": "succeeded"}
    assert registry.get_sample_value(METRIC, {**labels, "version": "1"}) == 300
    assert registry.get_sample_value(METRIC, {**labels, "version": "2"}) == 200


def test_what_is_kept_and_exposed_is_bounded(
    log: DeploymentLog, registry: CollectorRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_module, "KEPT", SHOWN + 10)
    DeploymentMetrics(log, registry)
    for number in range(SHOWN + 20):
        log.add(deployment(str(number), float(number)))
    assert len(log.latest(1000)) == SHOWN + 10
    (metric,) = registry.collect()
    assert len(metric.samples) == SHOWN
    assert min(sample.value for sample in metric.samples) == 20


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises((OSError, sqlite3.Error)):
        DeploymentLog(tmp_path / "file" / "deployments.db")
