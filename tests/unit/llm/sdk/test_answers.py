"""Every way to call: the application gets what it would get without a watch, and the call is counted exactly."""

from collections.abc import Callable

import pytest
from prometheus_client import CollectorRegistry
from sdk_calls import (
    CALLS,
    CLAUDE,
    MODEL,
    STREAMS,
    TOKENS,
    WITHOUT_USAGE,
    Clients,
    await_counted,
    counted,
    outcome,
    settle,
    status_series,
)

ALL = CALLS | STREAMS
OPERATIONS = ("chat", "responses", "messages")


def expected(name: str) -> dict[str, float]:
    operation = next(operation for operation in OPERATIONS if operation in name)
    provider, model = ("anthropic", CLAUDE) if operation == "messages" else ("openai", MODEL)
    tokens = {"input": 120, "output": 30, "cache_read": 100, "cache_write": 7, "reasoning": 11}
    return {
        status_series(provider, model, operation, "ok"): 1,
        **{f"llm_tokens_total{{{model},{provider},{kind}}}": number for kind, number in tokens.items()},
    }


def calls_and_tokens(registry: CollectorRegistry) -> dict[str, float]:
    names = ("llm_requests_total", "llm_tokens_total", "llm_estimated", "ai_monitoring")
    return {name: value for name, value in counted(registry).items() if name.startswith(names)}


@pytest.mark.parametrize("name", ALL)
async def test_sync_call(name: str, clients: Clients, registry: CollectorRegistry, watch: Callable[[], None]) -> None:
    bare = await outcome(lambda: ALL[name](clients, TOKENS))
    watch()
    assert await outcome(lambda: ALL[name](clients, TOKENS)) == bare
    assert bare[0].startswith("returned")
    assert calls_and_tokens(registry) == expected(name)


@pytest.mark.parametrize("name", ALL)
async def test_async_call(
    name: str, async_clients: Clients, registry: CollectorRegistry, watch: Callable[[], None]
) -> None:
    bare = await outcome(lambda: ALL[name](async_clients, TOKENS))
    watch()
    assert await outcome(lambda: ALL[name](async_clients, TOKENS)) == bare
    assert bare[0].startswith("returned")
    assert calls_and_tokens(registry) == expected(name)


@pytest.mark.parametrize("name", STREAMS)
async def test_a_stream_tells_the_time_to_its_first_token(
    name: str, clients: Clients, registry: CollectorRegistry, watched: None
) -> None:
    await settle(STREAMS[name](clients, TOKENS))
    assert [value for series, value in counted(registry).items() if "first_token_seconds_count" in series] == [1]


@pytest.mark.parametrize(("chunks", "tokens"), [(1, 0), (2, 1)])
def test_a_chunk_that_tells_the_role_alone_is_no_first_token(
    chunks: int, tokens: int, clients: Clients, registry: CollectorRegistry, watched: None
) -> None:
    with WITHOUT_USAGE(clients, TOKENS) as stream:
        for _ in range(chunks):
            next(stream)
    found = await_counted(registry, status_series("openai", MODEL, "chat", "abandoned"))
    assert found.get(f"llm_time_to_first_token_seconds_count{{{MODEL},openai}}", 0) == tokens


async def test_embeddings(clients: Clients, registry: CollectorRegistry, watch: Callable[[], None]) -> None:
    def call() -> object:
        return clients.openai.embeddings.create(model="text-embedding-3-small", input=["shoes", "sleep"])

    bare = await outcome(call)
    watch()
    assert await outcome(call) == bare
    assert calls_and_tokens(registry) == {
        status_series("openai", "text-embedding-3-small", "embeddings", "ok"): 1,
        "llm_tokens_total{text-embedding-3-small,openai,input}": 2,
    }


@pytest.mark.parametrize("usage", ["none", "malformed"])
@pytest.mark.parametrize("name", ["chat", "chat raw", "chat streamed", "responses", "responses streamed"])
async def test_usage_that_is_missing_or_malformed_is_estimated(
    name: str, usage: str, clients: Clients, registry: CollectorRegistry, watch: Callable[[], None]
) -> None:
    bare = await outcome(lambda: ALL[name](clients, {"x-demo-usage": usage}))
    watch()
    assert await outcome(lambda: ALL[name](clients, {"x-demo-usage": usage})) == bare
    assert_estimated(registry, "openai", MODEL)


@pytest.mark.parametrize("name", ["messages", "messages raw", "messages streamed"])
async def test_malformed_usage_of_messages_is_estimated(
    name: str, clients: Clients, registry: CollectorRegistry, watch: Callable[[], None]
) -> None:
    bare = await outcome(lambda: ALL[name](clients, {"x-demo-usage": "malformed"}))
    watch()
    assert await outcome(lambda: ALL[name](clients, {"x-demo-usage": "malformed"})) == bare
    assert_estimated(registry, "anthropic", CLAUDE)


async def test_a_stream_without_usage_is_estimated_and_the_request_unchanged(
    clients: Clients, registry: CollectorRegistry, watched: None
) -> None:
    chunks = await settle(WITHOUT_USAGE(clients, {}))
    assert not any(chunk.usage for chunk in chunks)
    assert_estimated(registry, "openai", MODEL)


def assert_estimated(registry: CollectorRegistry, provider: str, model: str) -> None:
    found = counted(registry)
    assert found[f"llm_estimated_requests_total{{{model},{provider}}}"] == 1
    # Of OpenAI's tokens; without its encoding they are estimated by length.
    assert found[f"llm_tokens_total{{{model},{provider},input}}"] == pytest.approx(28, rel=0.3)
    assert found[f"llm_tokens_total{{{model},{provider},output}}"] == pytest.approx(17, rel=0.3)
    assert not [series for series in found if series.startswith("ai_monitoring")]


async def test_what_is_no_call_to_a_model_is_not_counted(
    clients: Clients, registry: CollectorRegistry, watched: None
) -> None:
    assert "NotFoundError" in (await outcome(clients.openai.models.list))[0]
    assert (
        "NotFoundError"
        in (await outcome(lambda: clients.anthropic.messages.count_tokens(model=CLAUDE, messages=[])))[0]
    )
    assert counted(registry) == {}
