"""The log queries of runbooks are LogQL, and find the lines that they look for."""

import time
from pathlib import Path

import httpx2
from grammars import first_errors
from starlette.applications import Starlette
from watch import log_queries, runbooks

from ai_monitoring.embedded.ingest.receiver import Receiver
from ai_monitoring.embedded.ingest.routes import loki_routes
from ai_monitoring.embedded.loki.queries import Queries
from ai_monitoring.embedded.loki.routes import Api
from ai_monitoring.embedded.store.writer import Writer

QUERIES = [(runbook.stem, query) for runbook in runbooks() for query in log_queries(runbook)]
FIELDS = {"endpoint": "/login/", "client": "192.0.2.0/24"}
LINES = {
    "Authentication failure: expired at /login/ from 192.0.2.0/24": FIELDS | {"reason": "expired"},
    "Intrusion attempt: xss at /login/ from 192.0.2.0/24": FIELDS | {"kind": "xss"},
}


def test_they_keep_to_the_grammar() -> None:
    assert QUERIES
    assert set(first_errors([("logql", query) for _, query in QUERIES])) == {None}


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
                assert "192.0.2.0/24" in str(answer) or "/login/" in str(answer)
        api.close()
