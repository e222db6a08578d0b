"""Alertmanager's alerts, as its API v2 tells them."""

from datetime import datetime
from typing import Any

from ai_monitoring.embedded.viewer.alerts.alert import Alert, rank
from ai_monitoring.embedded.viewer.runbooks.library import Library
from ai_monitoring.embedded.viewer.sources import PAGE_SECONDS, Client


async def active(client: Client, library: Library) -> list[Alert]:
    """The alerts that fire, silenced and inhibited ones among them, the worst first. Raises SourceError."""
    told = await client.get("alertmanager", "/api/v2/alerts", {}, within=PAGE_SECONDS)
    return sorted((_alert(record, library) for record in told), key=rank)


def _alert(record: dict[str, Any], library: Library) -> Alert:
    labels, annotations = record["labels"], record.get("annotations", {})
    name = labels.get("alertname", "")
    return Alert(
        name=name,
        labels=labels,
        begin=datetime.fromisoformat(record["startsAt"]).timestamp(),
        state=_state(record.get("status", {})),
        runbook=library.address(name, annotations.get("runbook_url") or annotations.get("runbook", "")),
        summary=annotations.get("summary", ""),
        description=annotations.get("description", ""),
        first_step=annotations.get("first_step", ""),
    )


def _state(status: dict[str, Any]) -> str:
    if status.get("silencedBy"):
        return "silenced"
    return "inhibited" if status.get("inhibitedBy") else "firing"
