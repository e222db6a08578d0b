"""An incident and a deployment, told to a running watch as its own parts and a person would tell them."""

import json
import time
import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from checkout import eventually

from ai_monitoring.stack.http import get_json

SCRAPE = 20.0
"""Seconds within which every target is scraped."""


def go_through_an_incident(ports: Mapping[str, int]) -> None:
    """One that somebody acknowledged and that is over, told by Alertmanager; `ports` are those of `.env`."""
    receiver = f"http://127.0.0.1:{ports['INCIDENTS_PORT']}/api/incidents"
    alert: dict[str, Any] = {
        "labels": {"alertname": "Exercise", "severity": "info"},
        "startsAt": datetime.now(UTC).isoformat(),
    }

    def known() -> list[Any]:
        return list(get_json(receiver, alert="Exercise")["incidents"])

    # Prometheus counts from what it has scraped before.
    time.sleep(SCRAPE)
    tell(ports, alert)
    eventually("the incident log has it", lambda: bool(known()), within=30)
    post(f"{receiver}/{known()[0]['id']}/acknowledge", {"by": "ana"})
    tell(ports, alert | {"endsAt": datetime.now(UTC).isoformat()})


def deploy(ports: Mapping[str, int]) -> None:
    """A version of a service."""
    post(f"http://127.0.0.1:{ports['INCIDENTS_PORT']}/api/deployments", {"version": "1.4.2", "service": "fastapi"})


def tell(ports: Mapping[str, int], alert: dict[str, Any]) -> None:
    """Tell Alertmanager of an alert, as Prometheus would."""
    post(f"http://127.0.0.1:{ports['ALERTMANAGER_PORT']}/api/v2/alerts", [alert])


def post(address: str, content: Any) -> None:
    request = urllib.request.Request(address, json.dumps(content).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=5) as answer:
        assert answer.status in (200, 201)
