"""Incidents and silences as a person reads them in a terminal."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ai_monitoring import durations
from ai_monitoring.incidents.incident import Kind, rank, sentence
from ai_monitoring.stack.terminal import Terminal, table

_HEADING = ("ID", "SEVERITY", "SINCE", "STATE", "ALERT")


def list_lines(incidents: Sequence[Mapping[str, Any]], filtered: bool, terminal: Terminal) -> list[str]:
    """A line an incident, worst first; a sentence where there is none. `filtered`: others may fire."""
    if not incidents:
        return ["No incident matches." if filtered else terminal.good("Nothing fires.")]
    ordered = sorted(incidents, key=lambda incident: (incident["status"] == "resolved", rank(incident["severity"])))
    rows = [_HEADING, *(_row(incident) for incident in ordered)]
    heading, *lines = table(rows)
    painted = [_painted(line, incident, terminal) for line, incident in zip(lines, ordered, strict=True)]
    return [terminal.bold(heading), *painted]


def incident_lines(incident: Mapping[str, Any], terminal: Terminal) -> list[str]:
    """All that is known of one incident."""
    facts = {
        "severity": incident["severity"],
        "state": state(incident),
        "since": _time(incident["started_at"]),
        "service": incident["service"],
        "what to do": incident["runbook"],
        "labels": ", ".join(f"{name}={value}" for name, value in sorted(incident["labels"].items())),
        "fingerprint": incident["fingerprint"],
    }
    title = f"Incident {incident['id']}: {incident['alert']}"
    return [
        terminal.bold(title),
        *([f"  {incident['summary']}"] if incident["summary"] else []),
        *(f"  {name + ':':<13}{value}" for name, value in facts.items() if value),
        "",
        *(_event(event) for event in incident["events"]),
    ]


def silence_lines(silences: Sequence[Mapping[str, Any]]) -> list[str]:
    """A line a silence."""
    if not silences:
        return ["Nothing is silenced."]
    rows = [("ID", "UNTIL", "BY", "WHAT, AND WHY")]
    for silence in silences:
        what = ", ".join(f"{one['name']}={one['value']}" for one in silence["matchers"])
        rows.append((silence["id"], _time(silence["endsAt"]), silence["createdBy"], f"{what} ({silence['comment']})"))
    return table(rows)


def _row(incident: Mapping[str, Any]) -> tuple[str, ...]:
    text = incident["summary"] or incident["service"]
    alert = f"{incident['alert']}: {text}" if text else incident["alert"]
    return (str(incident["id"]), incident["severity"] or "-", age(incident), state(incident), alert)


def _painted(line: str, incident: Mapping[str, Any], terminal: Terminal) -> str:
    if incident["status"] == "resolved":
        return line
    return {"critical": terminal.bad, "warning": terminal.warning}.get(incident["severity"], str)(line)


def state(incident: Mapping[str, Any]) -> str:
    """What became of an incident."""
    if incident["status"] == "resolved":
        return f"resolved after {durations.said(incident['duration_seconds'])}"
    now = f"acknowledged by {incident['acknowledged_by']}" if incident["acknowledged_by"] else incident["status"]
    return f"{now}, {incident['quiet']}" if incident.get("quiet") else now


def age(incident: Mapping[str, Any]) -> str:
    """How long ago it began."""
    return durations.said((datetime.now(UTC) - datetime.fromisoformat(incident["started_at"])).total_seconds())


def _event(event: Mapping[str, str]) -> str:
    told = sentence(Kind(event["event"]), event["by"])
    return f"  {_time(event['at'])}  {told}{' ' + event['text'] if event['text'] else ''}"


def _time(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
