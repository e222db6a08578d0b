"""The queries of runbooks are LogQL and TraceQL, and the former find the lines that they look for."""

import re
import time
from pathlib import Path

import httpx2
from grammars import first_errors
from starlette.applications import Starlette
from watch import log_queries, runbooks, trace_queries

from ai_monitoring.embedded.ingest.receiver import Receiver
from ai_monitoring.embedded.ingest.routes import loki_routes
from ai_monitoring.embedded.loki.queries import Queries
from ai_monitoring.embedded.loki.routes import Api
from ai_monitoring.embedded.store.writer import Writer

QUERIES = [(runbook.stem, query) for runbook in runbooks() for query in log_queries(runbook)]
FIELDS = {"endpoint": "/login/", "client": "192.0.2.0/24"}
LINES: dict[str, dict[str, str]] = {
    "Authentication failure: expired at /login/ from 192.0.2.0/24": FIELDS | {"reason": "expired"},
    "Intrusion attempt: xss at /login/ from 192.0.2.0/24": FIELDS | {"kind": "xss"},
    "Slow request: GET /login/ answered 200 after 3.20 s": {"endpoint": "/login/", "level": "warn"},
    "AI request: openai gpt-4o, ok after 0.85 s": {
        "scope_name": "ai_monitoring.requests",
        "hallucination": "true",
        "documents": '["days-a-week", "easy-pace"]',
    },
    "Answered in 3.20 s with confidence 0.80": {"strategy": "A", "seconds": "3.2"},
}
FOUND = re.compile(r"192\.0\.2\.0/24|/login/|'strategy': 'A'|'detected_level': 'warn'|easy-pace")


def test_they_keep_to_the_grammar() -> None:
    traces = [query for runbook in runbooks() for query in trace_queries(runbook)]
    assert QUERIES
    assert traces
    both = [*(("logql", query) for _, query in QUERIES), *(("traceql", query) for query in traces)]
    assert set(first_errors(both)) == {None}


async def test_they_find_the_lines_that_services_write(tmp_path: Path) -> None:
    file = tmp_path / "embedded.db"
    with Writer(file) as writer:
        api = Api(Queries(file))
        transport = httpx2.ASGITransport(Starlette(routes=[*loki_routes(Receiver(writer)), *api.routes()]))
        async with httpx2.AsyncClient(transport=transport, base_url="http://loki") as client:
            now = str(time.time_ns() - 1_000_000_000)
            stream = {
                "stream": {"service_name": "django"},
                "values": [[now, line, fields] for line, fields in LINES.items()],
            }
            (await client.post("/loki/api/v1/push", json={"streams": [stream]})).raise_for_status()
            for name, query in QUERIES:
                answer = (await client.get("/loki/api/v1/query", params={"query": query})).json()
                assert len(answer["data"]["result"]) == 1, f"{name}: {query}"
                assert FOUND.search(str(answer["data"]["result"]))
        api.close()
