"""Searches in Tempo: tables of traces, or of spans, whose ids lead to the trace."""

from typing import Any

from ai_monitoring.embedded.viewer.boards.frames import Answer, Field, Frame
from ai_monitoring.embedded.viewer.boards.queries import Query
from ai_monitoring.embedded.viewer.sources import Client, SourceError

LIMIT = 20
MOST = 500


async def ask(query: Query, client: Client) -> Answer:
    """A row a trace, newest first, or a row a span. Raises SourceError."""
    kind = query.target.get("queryType", "traceql")
    if kind != "traceql":
        raise SourceError(f"A query to Tempo of the type {kind!r} is not answered here: write it in TraceQL.")
    search = {
        "q": query.expression(query.interval, query.interval),
        "limit": str(query.whole("limit", LIMIT, MOST)),
        "spss": str(query.whole("spss", 3, 100)),
        "start": str(query.range.begin // 1000),
        "end": str(-(-query.range.end // 1000)),
    }
    content = await client.get("tempo", "/api/search", search)
    traces = content.get("traces") or [] if isinstance(content, dict) else []
    traces.sort(key=lambda trace: int(trace.get("startTimeUnixNano", 0)), reverse=True)
    rows = _spans(traces) if query.target.get("tableType") == "spans" else [_trace(trace) for trace in traces]
    return Answer([_table(query.ref, rows)] if rows else [])


def _trace(trace: dict[str, Any]) -> dict[str, Any]:
    return {
        "Trace ID": trace["traceID"],
        "Start time": int(trace.get("startTimeUnixNano", 0)) // 1_000_000,
        "Service": trace.get("rootServiceName", ""),
        "Name": trace.get("rootTraceName", ""),
        # Tempo leaves out what takes less than a millisecond.
        "Duration": trace.get("durationMs", 0),
    }


def _spans(traces: list[dict[str, Any]]) -> list[dict[str, Any]]:
    sets = [(trace, found) for trace in traces for found in trace.get("spanSets") or [trace.get("spanSet") or {}]]
    return [_span(trace, span) for trace, found in sets for span in found.get("spans", [])]


def _span(trace: dict[str, Any], span: dict[str, Any]) -> dict[str, Any]:
    return {
        "Trace ID": trace["traceID"],
        "Span ID": span.get("spanID", ""),
        "Start time": int(span.get("startTimeUnixNano", 0)) // 1_000_000,
        "Service": trace.get("rootServiceName", ""),
        "Name": span.get("name") or trace.get("rootTraceName", ""),
        "Duration": int(span.get("durationNanos", 0)) / 1_000_000,
    }


def _table(ref: str, rows: list[dict[str, Any]]) -> Frame:
    frame = Frame(ref, [Field(name, "string", [row[name] for row in rows]) for name in rows[0]])
    for field in frame.fields:
        if field.name == "Start time":
            field.kind, field.config = "time", {"unit": "dateTimeAsIso"}
        elif field.name == "Duration":
            field.kind, field.config = "number", {"unit": "ms"}
        elif field.name == "Trace ID":
            field.config = {"links": [{"title": "Trace", "url": "/trace/${__value.raw}"}]}
    return frame
