"""Calls that fail: the application sees the same exception as without a watch, and the call has its status."""

import asyncio
import socket
from collections.abc import Callable

import pytest
from openai.types.chat import ChatCompletion
from prometheus_client import CollectorRegistry
from sdk_calls import CALLS, CLAUDE, MODEL, STREAMS, WITHOUT_USAGE, Clients, counted, outcome, settle, status_series

ONE_OF_EACH = {name: (CALLS | STREAMS)[name] for name in ("chat", "responses", "messages")}
ONE_STREAM_OF_EACH = {
    "chat": WITHOUT_USAGE,
    "responses": STREAMS["responses streamed"],
    "messages": STREAMS["messages streamed"],
}
REFUSALS = {
    "400": "invalid_request",
    "401": "authentication",
    "403": "authentication",
    "404": "invalid_request",
    "429": "rate_limited",
    "500": "server_error",
    "503": "server_error",
}


def series(operation: str, status: str) -> str:
    provider, model = ("anthropic", CLAUDE) if operation == "messages" else ("openai", MODEL)
    return status_series(provider, model, operation, status)


def requests(registry: CollectorRegistry) -> dict[str, float]:
    return {name: value for name, value in counted(registry).items() if name.startswith("llm_requests_total")}


def tokens(registry: CollectorRegistry) -> dict[str, float]:
    return {name: value for name, value in counted(registry).items() if name.startswith("llm_tokens_total")}


@pytest.mark.parametrize("operation", ONE_OF_EACH)
@pytest.mark.parametrize("code", REFUSALS)
async def test_refused(
    code: str, operation: str, clients: Clients, registry: CollectorRegistry, watch: Callable[[], None]
) -> None:
    headers = {"x-demo-status": code}
    bare = await outcome(lambda: ONE_OF_EACH[operation](clients, headers))
    watch()
    assert await outcome(lambda: ONE_OF_EACH[operation](clients, headers)) == bare
    assert bare[0].startswith("raised")
    assert requests(registry) == {series(operation, REFUSALS[code]): 1}
    assert tokens(registry) == {}


@pytest.mark.parametrize("operation", ONE_OF_EACH)
@pytest.mark.parametrize("code", ["401", "429", "500"])
async def test_refused_async(
    code: str, operation: str, async_clients: Clients, registry: CollectorRegistry, watch: Callable[[], None]
) -> None:
    headers = {"x-demo-status": code}
    bare = await outcome(lambda: ONE_STREAM_OF_EACH[operation](async_clients, headers))
    watch()
    assert await outcome(lambda: ONE_STREAM_OF_EACH[operation](async_clients, headers)) == bare
    assert requests(registry) == {series(operation, REFUSALS[code]): 1}


@pytest.mark.parametrize("fails", [0, 1, 2, 3])
@pytest.mark.parametrize("operation", ONE_OF_EACH)
async def test_rate_limits_are_counted_mended_or_not(
    operation: str, fails: int, clients: Clients, registry: CollectorRegistry, watched: None
) -> None:
    patient = Clients(*(client.with_options(max_retries=2) for client in clients))
    headers = {"x-demo-fail-first": str(fails), "x-demo-retry-after": "0.001"}
    await outcome(lambda: ONE_OF_EACH[operation](patient, headers))
    limited = [value for name, value in counted(registry).items() if name.startswith("llm_rate_limited_total")]
    assert limited == ([fails] if fails else [])
    assert requests(registry) == {series(operation, "ok" if fails < 3 else "rate_limited"): 1}


@pytest.mark.parametrize("operation", ONE_OF_EACH)
async def test_rate_limits_of_async_calls(
    operation: str, async_clients: Clients, registry: CollectorRegistry, watched: None
) -> None:
    patient = Clients(*(client.with_options(max_retries=2) for client in async_clients))
    headers = {"x-demo-fail-first": "2", "x-demo-retry-after": "0.001"}
    await asyncio.gather(*(settle(ONE_OF_EACH[operation](patient, headers)) for _ in range(3)))
    limited = [value for name, value in counted(registry).items() if name.startswith("llm_rate_limited_total")]
    assert (limited, requests(registry)) == ([6], {series(operation, "ok"): 3})


async def test_a_retried_server_error_is_one_call_and_no_rate_limit(
    clients: Clients, registry: CollectorRegistry, watched: None
) -> None:
    patient = Clients(*(client.with_options(max_retries=1) for client in clients))
    headers = {"x-demo-fail-first": "1", "x-demo-status": "500", "x-demo-retry-after": "0.001"}
    await settle(CALLS["chat"](patient, headers))
    assert requests(registry) == {series("chat", "ok"): 1}
    assert not [name for name in counted(registry) if name.startswith("llm_rate_limited_total")]


@pytest.mark.parametrize("operation", ONE_STREAM_OF_EACH)
@pytest.mark.parametrize("asynchronous", [False, True])
async def test_error_after_the_first_token(
    asynchronous: bool,
    operation: str,
    clients: Clients,
    async_clients: Clients,
    registry: CollectorRegistry,
    watch: Callable[[], None],
) -> None:
    used, headers = async_clients if asynchronous else clients, {"x-demo-error-after": "3"}
    bare = await outcome(lambda: ONE_STREAM_OF_EACH[operation](used, headers))
    watch()
    assert await outcome(lambda: ONE_STREAM_OF_EACH[operation](used, headers)) == bare
    # OpenAI's responses tell an error as their last event, and the SDK raises nothing.
    assert bare[0].startswith("returned" if operation == "responses" else "raised")
    assert requests(registry) == {series(operation, "server_error"): 1}
    assert len(tokens(registry)) == 2, "what came before the error was used, and is estimated"


@pytest.mark.parametrize("operation", ONE_STREAM_OF_EACH)
@pytest.mark.parametrize("asynchronous", [False, True])
async def test_connection_lost_after_the_first_token(
    asynchronous: bool,
    operation: str,
    clients: Clients,
    async_clients: Clients,
    registry: CollectorRegistry,
    watch: Callable[[], None],
) -> None:
    used, headers = async_clients if asynchronous else clients, {"x-demo-cut-after": "2"}
    bare = await outcome(lambda: ONE_STREAM_OF_EACH[operation](used, headers))
    watch()
    assert await outcome(lambda: ONE_STREAM_OF_EACH[operation](used, headers)) == bare
    assert bare[0].startswith("raised")
    assert requests(registry) == {series(operation, "connection"): 1}


@pytest.mark.parametrize("operation", ONE_OF_EACH)
async def test_timeout(
    operation: str, clients: Clients, registry: CollectorRegistry, watch: Callable[[], None]
) -> None:
    hurried = Clients(*(client.with_options(timeout=0.03) for client in clients))
    headers = {"x-demo-hang-after": "0"}
    bare = await outcome(lambda: ONE_OF_EACH[operation](hurried, headers))
    watch()
    assert await outcome(lambda: ONE_OF_EACH[operation](hurried, headers)) == bare
    assert "APITimeoutError" in bare[0]
    assert requests(registry) == {series(operation, "timeout"): 1}


@pytest.mark.parametrize("operation", ONE_STREAM_OF_EACH)
async def test_timeout_within_a_stream(
    operation: str, clients: Clients, registry: CollectorRegistry, watch: Callable[[], None]
) -> None:
    hurried = Clients(*(client.with_options(timeout=0.05) for client in clients))
    headers = {"x-demo-hang-after": "2"}
    bare = await outcome(lambda: ONE_STREAM_OF_EACH[operation](hurried, headers))
    watch()
    assert await outcome(lambda: ONE_STREAM_OF_EACH[operation](hurried, headers)) == bare
    assert "Timeout" in bare[0]
    assert requests(registry) == {series(operation, "timeout"): 1}


@pytest.mark.parametrize("operation", ONE_OF_EACH)
async def test_connection_refused(
    operation: str, clients: Clients, registry: CollectorRegistry, watch: Callable[[], None]
) -> None:
    with socket.socket() as unused:  # bound, and nobody listens
        unused.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{unused.getsockname()[1]}"
        lost = Clients(*(client.with_options(base_url=nowhere) for client in clients))
        bare = await outcome(lambda: ONE_OF_EACH[operation](lost, {}))
        watch()
        assert await outcome(lambda: ONE_OF_EACH[operation](lost, {})) == bare
    assert "APIConnectionError" in bare[0]
    assert requests(registry) == {series(operation, "connection"): 1}


@pytest.mark.parametrize("operation", ONE_OF_EACH)
async def test_cancelled_before_the_answer(
    operation: str, async_clients: Clients, registry: CollectorRegistry, watched: None
) -> None:
    call = asyncio.ensure_future(settle(ONE_OF_EACH[operation](async_clients, {"x-demo-hang-after": "0"})))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(call, 0.05)
    assert call.cancelled()
    assert requests(registry) == {series(operation, "cancelled"): 1}


@pytest.mark.parametrize("operation", ONE_STREAM_OF_EACH)
async def test_cancelled_within_a_stream(
    operation: str, async_clients: Clients, registry: CollectorRegistry, watched: None
) -> None:
    stream = await ONE_STREAM_OF_EACH[operation](async_clients, {"x-demo-hang-after": "2"})
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(settle(stream), 0.05)
    assert requests(registry) == {series(operation, "cancelled"): 1}
    assert len(tokens(registry)) == 2, "what came before is estimated"


async def test_an_answer_that_the_application_cannot_parse_was_used_all_the_same(
    clients: Clients, registry: CollectorRegistry, watched: None
) -> None:
    def broken(_: object) -> object:
        raise KeyError("the application's own")

    def call() -> object:
        return clients.openai.post(
            "/chat/completions",
            cast_to=ChatCompletion,
            body={"model": MODEL, "messages": []},
            options={"post_parser": broken},
        )

    assert (await outcome(call))[0] == "raised <class 'KeyError'>"
    assert requests(registry) == {series("chat", "error"): 1}
    assert len(tokens(registry)) == 2
