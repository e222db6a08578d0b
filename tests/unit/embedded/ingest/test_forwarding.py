from collections.abc import AsyncIterator, Callable

import httpx2
import pytest
from otlp_receiver import receiving
from otlp_requests import logs
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from waiting import free_ports

from ai_monitoring.embedded.ingest.forwarding import LokiForward
from ai_monitoring.embedded.ingest.messages import Status
from ai_monitoring.embedded.ingest.receiver import Receiver
from ai_monitoring.embedded.ingest.refusals import Refused
from ai_monitoring.embedded.ingest.routes import otlp_routes
from ai_monitoring.embedded.store.records import Line


@pytest.fixture
async def http() -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient() as client:
        yield client


async def test_logs_go_to_loki_instead(
    http: httpx2.AsyncClient, receiver: Receiver, stored: Callable[[], list[Line]], now: int
) -> None:
    with receiving() as loki:
        app = Starlette(routes=otlp_routes(receiver, LokiForward(http, f"{loki.address}/").take_logs))
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://otlp") as client:
            headers = {"Content-Type": "application/x-protobuf"}
            answer = await client.post("/v1/logs", content=logs(now).SerializeToString(), headers=headers)
        assert (answer.status_code, loki.lines()) == (200, ["hello"])
        assert [path for path, _ in loki.requests] == ["/otlp/v1/logs"]
    assert stored() == []


async def test_refusal_of_loki_is_passed_on(now: int) -> None:
    async def refuse(_: Request) -> Response:
        return Response(Status(message="too old").SerializeToString(), 429, {"Retry-After": "7"})

    app = Starlette(routes=[Route("/otlp/v1/logs", refuse, methods=["POST"])])
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app)) as client:
        with pytest.raises(Refused, match="too old") as refusal:
            await LokiForward(client, "http://loki").take_logs(lambda: logs(now))
    assert (refusal.value.status, refusal.value.retry_after) == (429, 7)


async def test_loki_that_is_away_is_named(http: httpx2.AsyncClient, now: int) -> None:
    [port] = free_ports(1)
    with pytest.raises(Refused, match=f"http://127.0.0.1:{port} does not answer") as refusal:
        await LokiForward(http, f"http://127.0.0.1:{port}").take_logs(lambda: logs(now))
    assert refusal.value.status == 503
