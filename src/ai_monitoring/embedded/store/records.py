"""What the store keeps."""

from collections.abc import Mapping
from typing import Any, NamedTuple

Labels = tuple[tuple[str, str], ...]
"""Names with their values, sorted by name."""


class Line(NamedTuple):
    """A log line of the stream that `labels` name. `time` in nanoseconds since 1970.

    `level` is what Loki calls `detected_level`; `metadata` is its structured metadata without that level.
    """

    labels: Labels
    time: int
    text: str
    level: str = "unknown"
    metadata: Labels = ()


class Span(NamedTuple):
    """One span of OTLP. Identifiers as hexadecimal digits, `begin` and `end` in nanoseconds since 1970.

    `kind` and `status` are OTLP's numbers: kind 2 is a server's, status 2 an error. `attributes` are the span's own,
    `resource` its resource's; values are JSON's. Each event has `name`, `time` and `attributes`, each link `trace_id`,
    `span_id` and `attributes`.
    """

    trace_id: str
    span_id: str
    parent_id: str
    service: str
    name: str
    kind: int
    begin: int
    end: int
    status: int
    status_message: str = ""
    scope: str = ""
    attributes: Mapping[str, Any] = {}
    resource: Mapping[str, Any] = {}
    events: tuple[Mapping[str, Any], ...] = ()
    links: tuple[Mapping[str, Any], ...] = ()
