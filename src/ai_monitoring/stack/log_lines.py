"""A part's log: its last lines, and those for a person, JSON lines as text and any other line as it is."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_HIDDEN = {"time", "level", "service", "logger", "message", "exception", "trace_id", "span_id"}
"""What a line shows in a place of its own, or not at all: the service is the file's."""


def tail(file: Path, count: int, *, follow: bool) -> Iterator[str]:
    """The last `count` lines of a file, and with `follow` each further one as it is completed."""
    content = file.read_bytes()
    if content and count > 0:
        yield from content.decode("utf-8", errors="replace").removesuffix("\n").split("\n")[-count:]
    position = len(content)
    while follow:
        time.sleep(0.3)
        lines, position = _completed(file, position)
        yield from lines


def _completed(file: Path, position: int) -> tuple[list[str], int]:
    """The lines completed since `position`, and the position behind them."""
    if not file.exists() or file.stat().st_size < position:
        # It was rotated away, or will be back in a moment.
        return [], 0
    with file.open("rb") as stream:
        stream.seek(position)
        content = stream.read()
    whole = content[: content.rfind(b"\n") + 1]
    return whole.decode("utf-8", errors="replace").split("\n")[:-1], position + len(whole)


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
