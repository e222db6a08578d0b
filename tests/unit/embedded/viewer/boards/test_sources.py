"""What is said when a data source has no answer, and which source a dashboard means."""

import asyncio
from typing import Any

import pytest
from asgi_apps import served
from board_sources import StandIn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from waiting import free_ports

from ai_monitoring.embedded.viewer.boards import sources
from ai_monitoring.embedded.viewer.boards.sources import Client, SourceError, Sources, source_of


async def test_a_source_that_is_down_is_named_with_its_address() -> None:
    (port,) = free_ports(1)
    client = Client(Sources("", f"http://127.0.0.1:{port}", ""))
    with pytest.raises(SourceError, match=f"Loki does not answer at http://127.0.0.1:{port}: see whether it runs"):
        await client.get("loki", "/ready", {})
    with pytest.raises(SourceError, match="No address of Tempo"):
        await client.get("tempo", "/ready", {})
    await client.aclose()


async def test_a_slow_source_is_given_up() -> None:
    async def slow(_: Request) -> Response:
        await asyncio.sleep(1)
        return JSONResponse({})

    with served(Starlette(routes=[Route("/", slow)])) as address:
        client = Client(Sources(address, "", ""), seconds=0.1)
        with pytest.raises(SourceError, match=r"took longer than 0\.1 s|does not answer"):
            await client.get("prometheus", "/", {})
        await client.aclose()


async def test_an_answer_without_bounds_is_refused(
    client: Client, source: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "MAX_BYTES", 1000)
    source.answers["/x"] = ["a" * 2000]
    with pytest.raises(SourceError, match="larger than"):
        await client.get("prometheus", "/x", {})


async def test_a_plain_text_is_passed_on(client: Client, source: StandIn) -> None:
    source.answers["/x"] = PlainTextResponse("parse error at line 1", 400)
    with pytest.raises(SourceError, match="Loki answered 400: parse error at line 1"):
        await client.get("loki", "/x", {})


async def test_what_is_no_json_is_refused(client: Client, source: StandIn) -> None:
    source.answers["/x"] = PlainTextResponse("<html>")
    with pytest.raises(SourceError, match="no JSON"):
        await client.post("tempo", "/x", {})


@pytest.mark.parametrize(
    ("reference", "source"),
    [
        (None, "prometheus"),
        ({"uid": "loki", "type": "loki"}, "loki"),
        ({"uid": "P18F7", "type": "tempo"}, "tempo"),
        ("Prometheus", "prometheus"),
    ],
)
def test_a_source_is_known_by_uid_type_or_name(reference: Any, source: str) -> None:
    assert source_of(reference) == source


@pytest.mark.parametrize("name", ["-- Grafana --", "__expr__", "influxdb"])
def test_others_are_refused_by_name(name: str) -> None:
    with pytest.raises(SourceError, match=name):
        source_of({"uid": name, "type": "datasource"} if name.startswith("--") else name)
