"""Which fields the lines of a query have, for Grafana's Logs Drilldown."""

from collections.abc import Callable, Iterator
from typing import Any

from ai_monitoring.embedded.logql import units
from ai_monitoring.embedded.logql.stages.json_fields import JsonParser
from ai_monitoring.embedded.logql.stages.logfmt import LogfmtParser
from ai_monitoring.embedded.logql.stages.stage import Entry


class Fields:
    """Collects fields from lines: structured metadata, and what JSON or logfmt finds."""

    def __init__(self) -> None:
        self._values: dict[str, set[str]] = {}
        self._parsers: dict[str, set[str]] = {}

    def add(self, entry: Entry) -> None:
        parser = self._parse(entry)
        for name, value in entry.metadata.items():
            self._values.setdefault(name, set()).add(value)
        for name, value in entry.parsed.items():
            self._values.setdefault(name, set()).add(value)
            self._parsers.setdefault(name, set()).add(parser)

    def _parse(self, entry: Entry) -> str:
        if entry.line.startswith("{"):
            JsonParser().process(entry)
            return "json"
        LogfmtParser().process(entry)
        return "logfmt"

    def found(self) -> list[dict[str, Any]]:
        """Each field, by its name."""
        return [
            {
                "label": name,
                "type": _kind(next(iter(values))),
                "cardinality": len(values),
                "parsers": sorted(self._parsers.get(name, ())) or None,
            }
            for name, values in sorted(self._values.items())
        ]


def _kind(value: str) -> str:
    return next(_kinds(value), "string")


def _kinds(value: str) -> Iterator[str]:
    """As Loki tells types apart, by what the value can be read as."""
    readers: dict[str, Callable[[str], object]] = {
        "int": int,
        "float": units.number,
        "duration": units.go_duration,
        "bytes": units.size,
    }
    if value in ("true", "false"):
        yield "boolean"
    for kind, read in readers.items():
        try:
            read(value)
        except ValueError:
            continue
        yield kind
