"""What a person asks of the traces, as the address bar carries it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ai_monitoring.embedded.traceql.errors import TraceQLError

_DURATION = re.compile(r"(?:[0-9]{1,9}(?:\.[0-9]{1,9})?(?:ns|us|µs|ms|s|m|h))+")
_PLAIN = re.compile(r"([^\w\s/])")
LIMIT = 50
"""Traces that a search shows."""


@dataclass(frozen=True)
class Question:
    """The filters, or a TraceQL query in their place; `begin` and `end` as they were written."""

    query: str = ""
    service: str = ""
    name: str = ""
    slower: str = ""
    errors: bool = False
    begin: str = "now-1h"
    end: str = "now"

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> "Question":
        return cls(
            query=asked.get("q", "").replace("\r\n", "\n").strip(),
            service=asked.get("service", ""),
            name=asked.get("name", "").strip(),
            slower=asked.get("slower", "").strip(),
            errors=asked.get("errors", "") == "1",
            begin=asked.get("from", "").strip() or "now-1h",
            end=asked.get("to", "").strip() or "now",
        )

    @property
    def traceql(self) -> str:
        """The query as written, or the one that the filters stand for. Raises TraceQLError."""
        if self.query:
            return self.query
        conditions = []
        if self.service:
            conditions.append(f"resource.service.name = {_quoted(self.service)}")
        if self.name:
            conditions.append(f"name =~ {_quoted('(?i).*' + _PLAIN.sub(_escape, self.name) + '.*')}")
        if self.slower:
            conditions.append(f"duration >= {_duration(self.slower)}")
        if self.errors:
            conditions.append("status = error")
        return "{ " + " && ".join(conditions) + " }"


def _duration(text: str) -> str:
    if re.fullmatch("[0-9]{1,9}", text):
        return f"{text}ms"
    if _DURATION.fullmatch(text):
        return text
    raise TraceQLError(f"“{text[:40]}” is no duration. Write 250ms, 1.5s or 2m.")


def _escape(found: re.Match[str]) -> str:
    return "\\" + found[1]


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
