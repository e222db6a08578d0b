"""Streams that the application reads no further, in all the ways it can, and what it gets from them until then."""

import gc
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from sdk_calls import CLAUDE, MODEL, STREAMS, WITHOUT_USAGE, Clients, await_counted, counted, settle, status_series

OF_EACH = {
    "chat": WITHOUT_USAGE,
    "responses": STREAMS["responses streamed"],
    "messages": STREAMS["messages streamed"],
}
HELPERS = {name: STREAMS[f"{name} stream()"] for name in ("chat", "responses", "messages")}


def assert_abandoned(registry: CollectorRegistry, operation: str, status: str = "abandoned") -> dict[str, float]:
    provider, model = ("anthropic", CLAUDE) if operation == "messages" else ("openai", MODEL)
    found = await_counted(registry, status_series(provider, model, operation, status))
    requests = {name: value for name, value in found.items() if name.startswith("llm_requests_total")}
    assert requests == {status_series(provider, model, operation, status): 1}
    assert found[f"llm_estimated_requests_total{{{model},{provider}}}"] == 1
    assert found[f"llm_tokens_total{{{model},{provider},input}}"] > 0
    assert not [name for name in found if name.startswith("ai_monitoring")]
    return found


def close(stream: Any) -> None:
    next(stream)
    stream.close()


def leave_the_block(stream: Any) -> None:
    with stream:
        next(stream)


def leave_the_block_by_an_exception(stream: Any) -> None:
    with suppress(KeyError), stream:
        next(stream)
        raise KeyError


def break_and_drop(stream: Any) -> None:
    for _ in stream:
        break


def drop_unread(stream: Any) -> None:
    """The caller's reference goes, too."""


WAYS: list[Callable[[Any], None]] = [
    close,
    leave_the_block,
    leave_the_block_by_an_exception,
    break_and_drop,
    drop_unread,
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("operation", OF_EACH)
def test_abandoned(
    operation: str, way: Callable[[Any], None], clients: Clients, registry: CollectorRegistry, watched: None
) -> None:
    way(OF_EACH[operation](clients, {}))
    gc.collect()
    assert_abandoned(registry, operation)


@pytest.mark.parametrize("operation", HELPERS)
def test_abandoned_helper(operation: str, clients: Clients, registry: CollectorRegistry, watched: None) -> None:
    with HELPERS[operation](clients, {}) as stream:
        next(stream)
    assert_abandoned(registry, operation)


@pytest.mark.parametrize("operation", OF_EACH)
async def test_abandoned_async(
    operation: str, async_clients: Clients, registry: CollectorRegistry, watched: None
) -> None:
    async with await OF_EACH[operation](async_clients, {}) as stream:
        async for _ in stream:
            break
    assert_abandoned(registry, operation)


@pytest.mark.parametrize("operation", HELPERS)
async def test_abandoned_async_helper(
    operation: str, async_clients: Clients, registry: CollectorRegistry, watched: None
) -> None:
    async with HELPERS[operation](async_clients, {}) as stream:
        await anext(stream)
    assert_abandoned(registry, operation)


async def test_raw_stream_that_is_never_parsed(clients: Clients, registry: CollectorRegistry, watched: None) -> None:
    raw = STREAMS["chat raw streamed"](clients, {})
    del raw
    gc.collect()
    assert_abandoned(registry, "chat")


async def test_body_that_is_read_unparsed_is_no_abandoned_call(
    clients: Clients, registry: CollectorRegistry, watched: None
) -> None:
    with clients.openai.chat.completions.with_streaming_response.create(
        model=MODEL, messages=[{"role": "user", "content": "How long?"}]
    ) as response:
        assert b"chat.completion" in b"".join(response.iter_bytes())
    del response
    gc.collect()
    assert_abandoned(registry, "chat", "ok")


@pytest.mark.parametrize("operation", OF_EACH)
def test_stopping_at_the_answers_own_end_abandons_nothing(
    operation: str, clients: Clients, registry: CollectorRegistry, watched: None
) -> None:
    provider, model = ("anthropic", CLAUDE) if operation == "messages" else ("openai", MODEL)
    ends = ("finish_reason='stop'", "type='response.completed'", "type='message_delta'")
    stream = OF_EACH[operation](clients, {})
    for chunk in stream:
        if any(end in repr(chunk) for end in ends):
            break
    stream.close()
    assert status_series(provider, model, operation, "ok") in await_counted(
        registry, status_series(provider, model, operation, "ok")
    )


@pytest.mark.parametrize("operation", OF_EACH)
async def test_a_stream_keeps_its_type_and_its_attributes(
    operation: str, clients: Clients, watch: Callable[[], None]
) -> None:
    bare = OF_EACH[operation](clients, {})
    watch()
    ours = OF_EACH[operation](clients, {})
    assert type(ours) is type(bare)
    assert isinstance(ours.response.stream, type(bare.response.stream))
    assert set(vars(ours)) | {"_iterator"} == set(vars(bare)) | {"_iterator"}
    assert len(await settle(ours)) == len(await settle(bare))
    assert list(ours) == list(bare) == []
    assert ours.response.is_closed


def test_a_finished_stream_is_counted_once(clients: Clients, registry: CollectorRegistry, watched: None) -> None:
    stream = WITHOUT_USAGE(clients, {})
    list(stream)
    stream.close()
    del stream
    gc.collect()
    with WITHOUT_USAGE(clients, {}) as second:
        next(second)
    await_counted(registry, status_series("openai", MODEL, "chat", "abandoned"))
    requests = {name: value for name, value in counted(registry).items() if name.startswith("llm_requests_total")}
    assert requests == {
        status_series("openai", MODEL, "chat", "ok"): 1,
        status_series("openai", MODEL, "chat", "abandoned"): 1,
    }
