"""A part's log for a person: JSON lines as text, any other line as it is."""

import json
from typing import Any

_HIDDEN = {"time", "level", "service", "logger", "message", "exception", "trace_id", "span_id"}
"""What a line shows in a place of its own, or not at all: the service is the file's."""


def readable(line: str) -> str:
    """A line of JSON as `time LEVEL logger: message  key=value`, its traceback below; another line unchanged."""
    record = _record(line)
    if record is None:
        return line
    facts = {**record, **_mapping(record.get("attributes"))}
    shown = [f"{key}={_value(value)}" for key, value in facts.items() if key not in _HIDDEN | {"attributes"}]
    head = f"{record['time']} {record['level']} {record.get('logger', '-')}: {record['message']}"
    return "\n".join(filter(None, ["  ".join([head, *shown]), _stack(record.get("exception"))]))


def _record(line: str) -> dict[str, Any] | None:
    if not line.startswith("{"):
        return None
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) and {"time", "level", "message"} <= record.keys() else None


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _value(value: Any) -> str:
    return value if isinstance(value, str) and " " not in value else json.dumps(value, ensure_ascii=False)


def _stack(exception: Any) -> str:
    if isinstance(exception, dict):
        return str(exception.get("stacktrace") or exception.get("stack") or exception.get("message") or "").rstrip()
    return str(exception).rstrip() if exception else ""
