"""The webhook that Alertmanager delivers every alert to: one JSON line an alert, and a count."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

from prometheus_client import REGISTRY, CollectorRegistry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ai_monitoring import __version__
from ai_monitoring.metrics.exposition import expose
from ai_monitoring.metrics.instrument import instrument

MAX_BODY_BYTES = 1_000_000
_STATUSES = ("firing", "resolved")

logger = logging.getLogger("ai_monitoring.incidents")


def receiver(registry: CollectorRegistry = REGISTRY) -> Starlette:
    """The application: `POST /alertmanager`, `GET /health`, `GET /metrics`."""
    received = instrument("ai_monitoring_alerts_received_total", registry)
    for status in _STATUSES:
        received[status].inc(0)

    async def alertmanager(request: Request) -> Response:
        try:
            lines = _lines(await _body(request))
        except ValueError as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        for line in lines:
            logger.info(json.dumps(line, ensure_ascii=False))
            received[line["status"]].inc()
        return JSONResponse({"received": len(lines)})

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "ok", "time": datetime.now(UTC).isoformat(), "version": __version__})

    async def metrics(request: Request) -> Response:
        body, content_type = expose(request.headers.get("accept", ""), registry=registry)
        return Response(body, headers={"Content-Type": content_type})

    return Starlette(
        routes=[
            Route("/alertmanager", alertmanager, methods=["POST"]),
            Route("/health", health),
            Route("/metrics", metrics),
        ]
    )


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise ValueError(f"the body is larger than {MAX_BODY_BYTES} bytes")
    return bytes(body)


def _lines(body: bytes) -> list[dict[str, Any]]:
    """One record an alert of Alertmanager's webhook, version 4. Raises ValueError for anything else."""
    try:
        content = json.loads(body)
    except RecursionError as error:
        raise ValueError("the body is nested too deeply") from error
    if not isinstance(content, dict) or not isinstance(content.get("alerts"), list):
        raise ValueError("this is not Alertmanager's webhook: there is no list of alerts")
    return [_line(alert) for alert in content["alerts"]]


def _line(alert: Any) -> dict[str, Any]:
    if not isinstance(alert, dict) or alert.get("status") not in _STATUSES:
        raise ValueError("an alert has a status, firing or resolved")
    labels, annotations = alert.get("labels"), alert.get("annotations") or {}
    if not isinstance(labels, dict) or not isinstance(annotations, dict):
        raise ValueError("an alert has a status, firing or resolved, labels and annotations")
    return {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "status": alert["status"],
        "alert": labels.get("alertname", ""),
        "severity": labels.get("severity", ""),
        "service": labels.get("service", ""),
        "summary": annotations.get("summary", ""),
        "starts_at": alert.get("startsAt", ""),
        "ends_at": alert.get("endsAt", ""),
        "fingerprint": alert.get("fingerprint", ""),
    }
