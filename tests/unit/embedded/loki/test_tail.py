import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from ai_monitoring.embedded.loki.limits import Limits
from ai_monitoring.embedded.loki.queries import Queries
from ai_monitoring.embedded.loki.routes import Api
from ai_monitoring.embedded.store.records import Line
from ai_monitoring.embedded.store.writer import Writer

TAIL = '/loki/api/v1/tail?query={service_name="a"}'
LABELS = (("service_name", "a"),)


@pytest.fixture
def client(file: Path, writer: Writer) -> Iterator[TestClient]:
    api = Api(Queries(file, Limits(tails=1)), pause=0.02)
    with TestClient(Starlette(routes=api.routes())) as client:
        yield client
    api.close()


def test_lines_come_as_they_are_written(client: TestClient, writer: Writer) -> None:
    now = time.time_ns()
    writer.write_lines([Line(LABELS, now, "first"), Line((("service_name", "b"),), now, "other")]).result()
    with client.websocket_connect(TAIL) as socket:
        first = socket.receive_json()
        writer.write_lines([Line(LABELS, time.time_ns(), "second")]).result()
        second = socket.receive_json()
    assert first["dropped_entries"] is None
    assert [value[1] for stream in first["streams"] for value in stream["values"]] == ["first"]
    assert [value[1] for stream in second["streams"] for value in stream["values"]] == ["second"]


def test_too_many_are_refused(client: TestClient) -> None:
    with (
        client.websocket_connect(TAIL),
        client.websocket_connect(TAIL) as second,
        pytest.raises(WebSocketDisconnect) as refusal,
    ):
        second.receive_json()
    assert "max concurrent tail requests: 1" in refusal.value.reason


@pytest.mark.parametrize(
    ("query", "says"),
    [("{", "parse error"), ("vector(1)", "tail needs a log query"), ("%7B%7D&limit=x", "parse error")],
)
def test_what_is_no_log_query_is_refused(client: TestClient, query: str, says: str) -> None:
    address = f"/loki/api/v1/tail?query={query}"
    with client.websocket_connect(address) as socket, pytest.raises(WebSocketDisconnect) as refusal:
        socket.receive_json()
    assert says in refusal.value.reason
