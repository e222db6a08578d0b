"""The metrics route of FastAPI and Starlette applications."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from asgi_apps import client_of, watched_fastapi, watched_starlette
from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from starlette.routing import Mount, Route

from ai_monitoring.web import scrape
from ai_monitoring.web.asgi import metrics_endpoint

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

Counted = Callable[[], dict[tuple[str, str, str], float]]


def in_progress(registry: CollectorRegistry) -> float | None:
    return registry.get_sample_value("fastapi_requests_in_progress")


@pytest.fixture
def app(registry: CollectorRegistry) -> FastAPI:
    app = watched_fastapi(registry)
    app.get("/metrics")(metrics_endpoint)
    app.get("/items")(lambda: "item")
    return app


def test_shows_the_metrics_and_does_not_count_itself(
    app: FastAPI, registry: CollectorRegistry, counted: Counted
) -> None:
    client_of(app).get("/items")
    client_of(app).get("/metrics")
    answer = client_of(app).get("/metrics")

    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert 'fastapi_requests_total{endpoint="/items",method="GET",status="200"} 1.0' in answer.text
    assert "fastapi_requests_in_progress 0.0" in answer.text
    assert counted() == {("GET", "/items", "200"): 1}
    assert in_progress(registry) == 0


def test_does_not_count_itself_where_it_is_mounted(registry: CollectorRegistry, counted: Counted) -> None:
    inner = Mount("/internal", routes=[Route("/metrics", metrics_endpoint)])
    app = watched_starlette(registry, inner)

    assert "fastapi_requests_in_progress 0.0" in client_of(app).get("/internal/metrics").text
    assert counted() == {}


def test_offers_exemplars_in_openmetrics(app: FastAPI) -> None:
    client_of(app).get("/items", headers={"traceparent": TRACEPARENT})

    answer = client_of(app).get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})

    assert TRACEPARENT.split("-")[1] in answer.text
    assert answer.text.endswith("# EOF\n")


def test_asks_for_the_token(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AI_MONITORING_METRICS_TOKEN", "s3cret")

    refused = client_of(app).get("/metrics", headers={"Authorization": "Bearer wrong"})
    allowed = client_of(app).get("/metrics", headers={"Authorization": "Bearer s3cret"})

    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert "fastapi_" not in refused.text
    assert allowed.status_code == 200


def test_a_token_that_cannot_be_read_closes_the_route(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("AI_MONITORING_METRICS_TOKEN_FILE", str(tmp_path / "missing"))

    assert client_of(app).get("/metrics").status_code == 503
    assert "token cannot be read" in caplog.text
    assert str(tmp_path / "missing") in caplog.text


@pytest.mark.parametrize(
    ("parent", "arguments", "warned"), [(None, [], False), (object(), [], True), (object(), ["--reload"], False)]
)
def test_one_of_several_workers_is_warned_of(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch, parent: object, arguments: list[str], warned: bool
) -> None:
    calls: list[bool] = []
    monkeypatch.setattr(scrape, "parent_process", lambda: parent)
    monkeypatch.setattr(scrape, "warn_of_lone_worker", lambda: calls.append(True))
    monkeypatch.setattr(sys, "argv", ["uvicorn", *arguments])
    client_of(app).get("/metrics")
    assert bool(calls) is warned
