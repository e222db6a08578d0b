"""The corpus of spans and TraceQL, tests/corpus/traceql.yml."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from ai_monitoring.embedded.store.records import Span

CORPUS: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "corpus" / "traceql.yml").read_text(encoding="utf-8"))
MILLISECOND = 10**6


def corpus_spans(begin: int) -> Iterator[Span]:
    """The corpus' spans; its time begins at `begin`, in nanoseconds since 1970."""
    for trace, spans in CORPUS["traces"].items():
        for span in spans:
            yield _span(trace_id(trace), span, begin)


def trace_id(name: Any) -> str:
    return str(name).zfill(32)


def _span_id(number: Any) -> str:
    return str(number).zfill(16)


def _span(trace: str, told: dict[str, Any], begin: int) -> Span:
    start = begin + told["begin"] * MILLISECOND
    events = ({**event, "time": begin + event["at"] * MILLISECOND} for event in told.get("events", ()))
    links = ((trace_id(link["trace"]), _span_id(link["span"])) for link in told.get("links", ()))
    return Span(
        trace_id=trace,
        span_id=_span_id(told["id"]),
        parent_id=_span_id(told["parent"]) if "parent" in told else "",
        service=told["service"],
        name=told["name"],
        kind=told["kind"],
        begin=start,
        end=start + told["duration"] * MILLISECOND,
        status=told.get("status", 0),
        status_message=told.get("message", ""),
        scope=told.get("scope", ""),
        attributes=told.get("attributes", {}),
        resource={"service.name": told["service"], **told.get("resource", {})},
        events=tuple({key: event[key] for key in ("name", "time", "attributes")} for event in events),
        links=tuple({"trace_id": linked, "span_id": span, "attributes": {}} for linked, span in links),
    )
