"""Prometheus, Alertmanager and Loki as the viewer's pages meet them: answers of their shape, which a test chooses."""

import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from ai_monitoring.embedded.viewer.settings import Settings, StoreSize

RUNBOOKS = Path(__file__).parents[1] / "docs" / "runbooks"
PASSWORD = "correct horse"
TRACE = "0af7651916cd43dd8448eb211c80319c"
HOSTILE = '<script>alert(1)</script> <img src=x onerror="alert(2)"> & "quoted"'
BOARDS = (
    {
        "uid": "overview",
        "title": "Coaching IA - Overview",
        "folder": "Services",
        "description": "",
        "url": "/d/overview",
        "error": "",
    },
    {
        "uid": "",
        "title": "mine.json",
        "folder": "AI",
        "description": "",
        "url": "",
        "error": "mine.json is no dashboard that can be shown: it has no list of panels.",
    },
)


def sample(name: str, value: float, **labels: str) -> dict[str, Any]:
    return {"metric": {"__name__": name, **labels}, "value": [time.time(), str(value)]}


def service(name: str, up: int = 1, probe: int = 1, errors: float = 0.001, p95: float = 0.23) -> list[dict[str, Any]]:
    return [
        sample("service:up", up, service=name, instance="127.0.0.1:8000"),
        sample("service:probe_success", probe, service=name, instance="127.0.0.1:8000"),
        sample("service:requests:rate5m", 12.34, service=name, framework="django"),
        sample("service:errors:ratio_rate5m", errors, service=name, framework="django"),
        sample("service:request_duration_seconds:p95", p95, service=name, framework="django"),
    ]


def alert(name: str, severity: str, ago: float = 300, **labels: str) -> dict[str, Any]:
    """One of Alertmanager's, as API v2 answers it."""
    begin = datetime.fromtimestamp(time.time() - ago, UTC).isoformat().replace("+00:00", "Z")
    return {
        "labels": {"alertname": name, "severity": severity, **labels},
        "annotations": {"summary": f"{labels.get('service', 'It')} has {name}", "description": "What is the case."},
        "startsAt": begin,
        "status": {"state": "active", "silencedBy": [], "inhibitedBy": []},
    }


def target(job: str, health: str = "up", error: str = "") -> dict[str, Any]:
    return {"labels": {"job": job, "instance": f"{job}:9090"}, "health": health, "lastError": error}


def line(text: str, level: str = "info", ago: float = 60, name: str = "django", **metadata: str) -> dict[str, Any]:
    """A stream of one line, as Loki answers when it keeps labels apart."""
    nanoseconds = str(int((time.time() - ago) * 1e9))
    own = {"detected_level": level, **metadata}
    return {"stream": {"service_name": name}, "values": [[nanoseconds, text, {"structuredMetadata": own}]]}


@dataclass
class Watch:
    """What the three answer. `asked` holds every query that arrived."""

    samples: list[dict[str, Any]] = field(default_factory=lambda: [*service("django"), *service("fastapi"), *_host()])
    targets: list[dict[str, Any]] = field(default_factory=lambda: [target("prometheus"), target("node")])
    alerts: list[dict[str, Any]] = field(default_factory=lambda: [alert("Watchdog", "none")])
    fired: list[dict[str, Any]] = field(default_factory=list)
    streams: list[dict[str, Any]] = field(default_factory=list)
    counts: list[dict[str, Any]] = field(default_factory=list)
    numbers: dict[str, Any] | None = None
    refusal: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/api/v1/query", lambda _: _found({"resultType": "vector", "result": self.samples})),
                Route("/api/v1/query_range", self._range),
                Route("/api/v1/targets", lambda _: _found({"activeTargets": self.targets})),
                Route("/api/v2/alerts", lambda _: JSONResponse(self.alerts)),
                Route("/loki/api/v1/label/service_name/values", lambda _: _found(["django", "fastapi"])),
                Route("/loki/api/v1/query_range", self._lines),
            ]
        )

    def _range(self, request: Request) -> Response:
        self.asked.append(dict(request.query_params))
        return _found({"resultType": "matrix", "result": self.fired})

    def _lines(self, request: Request) -> Response:
        asked = dict(request.query_params)
        self.asked.append(asked)
        if self.refusal:
            return PlainTextResponse(self.refusal, status_code=400)
        if asked["query"].startswith("sum by (detected_level)"):
            return _found({"resultType": "matrix", "result": self.counts})
        return _found(self.numbers or {"resultType": "streams", "result": self.streams})


def settings_of(folder: Path) -> Settings:
    """The settings of a viewer whose password is PASSWORD."""
    password = folder / "password"
    password.write_text(f"{PASSWORD}\n", encoding="utf-8")
    return Settings(
        password=password,
        runbooks=RUNBOOKS,
        boards=lambda: BOARDS,
        store_size=lambda: StoreSize(734_003_200, 2_147_483_648),
    )


def text_of(html: str) -> str:
    """What is read on a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def _host() -> list[dict[str, Any]]:
    return [
        sample("host:cpu_used:ratio_rate5m", 0.37, instance="node"),
        sample("host:memory_used:ratio", 0.61, instance="node"),
        sample("host:disk_used:ratio", 0.82, instance="node", mountpoint="/"),
    ]


def _found(data: Any) -> JSONResponse:
    return JSONResponse({"status": "success", "data": data})
