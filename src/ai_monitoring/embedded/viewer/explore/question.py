"""What a person asks of the log lines, as the address bar carries it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

LIMITS = (100, 200, 500, 1000, 2000)
DEFAULT_LIMIT = 200
LEVELS = {
    "critical": "critical|fatal",
    "error or worse": "error|critical|fatal",
    "warn or worse": "warn|warning|error|critical|fatal",
    "error": "error",
    "warn": "warn|warning",
    "info": "info",
    "debug": "debug",
    "trace": "trace",
    "unknown": "unknown",
}
"""The levels to choose from, and the values of `detected_level` that each stands for."""


@dataclass(frozen=True, slots=True)
class Question:
    """The filters, or a LogQL query in their place; `begin` and `end` as they were written."""

    query: str = ""
    service: str = ""
    level: str = ""
    text: str = ""
    begin: str = "now-1h"
    end: str = "now"
    limit: int = DEFAULT_LIMIT
    direction: str = "backward"

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> "Question":
        """From an address' parameters; what is not known there falls back to what is usual."""
        limit = asked.get("limit", "")
        return cls(
            query=asked.get("query", "").replace("\r\n", "\n").strip(),
            service=asked.get("service", ""),
            level=asked.get("level", "") if asked.get("level") in LEVELS else "",
            text=asked.get("text", ""),
            begin=asked.get("from", "").strip() or "now-1h",
            end=asked.get("to", "").strip() or "now",
            limit=min(max(int(limit), 1), LIMITS[-1]) if limit.isdecimal() and len(limit) < 9 else DEFAULT_LIMIT,
            direction="forward" if asked.get("direction") == "forward" else "backward",
        )

    @property
    def logql(self) -> str:
        """The query as written, or the one that the filters stand for."""
        if self.query:
            return self.query
        parts = [f"{{service_name={_quoted(self.service)}}}" if self.service else '{service_name=~".+"}']
        if self.text:
            parts.append(f"|= {_quoted(self.text)}")
        if self.level:
            values = LEVELS[self.level]
            parts.append(f'| detected_level=~"{values}"' if "|" in values else f'| detected_level="{values}"')
        return " ".join(parts)

    def address(self, **changes: str) -> str:
        """The page's address for this question, with some of its parameters changed; an empty one is left out."""
        asked = {
            "query": self.query,
            "service": self.service,
            "level": self.level,
            "text": self.text,
            "from": self.begin,
            "to": self.end,
            "limit": str(self.limit) if self.limit != DEFAULT_LIMIT else "",
            "direction": self.direction if self.direction != "backward" else "",
        }
        return "/explore?" + urlencode({name: value for name, value in (asked | changes).items() if value})


def _quoted(text: str) -> str:
    """A LogQL string: Go's, which JSON's are, once the characters beyond it stay as they are."""
    return json.dumps(text, ensure_ascii=False)
