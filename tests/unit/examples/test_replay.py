"""The route that replays a trace's request, with the real SDK against the stand-in."""

from collections.abc import AsyncIterator, Iterator

import httpx2
import openai
import pytest
from examples.fastapi_service import clients, replay
from fastapi import FastAPI
from llm_upstream import upstream

HERE = ("127.0.0.1", 50000)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with upstream() as address:
        yield address


@pytest.fixture
async def service(address: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FastAPI]:
    http = httpx2.AsyncClient(trust_env=False)
    async with openai.AsyncOpenAI(api_key="made-up", base_url=f"{address}/v1", http_client=http) as client:
        monkeypatch.setattr(replay, "openai_client", client)
        app = FastAPI()
        app.include_router(replay.router)
        yield app


async def ask(service: FastAPI, client: tuple[str, int] = HERE, **asked: object) -> httpx2.Response:
    transport = httpx2.ASGITransport(service, client=client)
    async with httpx2.AsyncClient(transport=transport, base_url="http://service") as browser:
        return await browser.post("/replay", json=asked)


@pytest.mark.parametrize("stream", [False, True])
async def test_as_many_tokens_as_the_trace_says(service: FastAPI, stream: bool) -> None:
    answer = await ask(service, context_tokens=4808, generated_tokens=10, stream=stream)
    assert answer.json() == {"model": clients.REPLAY_MODEL, "input_tokens": 4808, "output_tokens": 10}


async def test_only_for_this_machine(service: FastAPI) -> None:
    answer = await ask(service, client=("192.0.2.7", 50000), context_tokens=1, generated_tokens=1)
    assert answer.status_code == 403
    assert "this machine alone" in answer.json()["detail"]


@pytest.mark.parametrize("place", ["OPENAI_IS_REAL", "LLM_UPSTREAM_URL"])
async def test_never_on_a_providers_account(service: FastAPI, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    monkeypatch.setattr(clients, place, True if place == "OPENAI_IS_REAL" else "https://api.openai.com")
    answer = await ask(service, context_tokens=1, generated_tokens=1)
    assert answer.status_code == 403
    assert "real provider" in answer.json()["detail"]


@pytest.mark.parametrize("generated", [-1, replay.MAX_GENERATED + 1])
async def test_no_more_than_a_request_can_have(service: FastAPI, generated: int) -> None:
    answer = await ask(service, context_tokens=1, generated_tokens=generated)
    assert answer.status_code == 422
