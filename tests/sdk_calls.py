"""Calls of the OpenAI and the Anthropic SDK, as applications write them, and what comes of them."""

import inspect
import re
from collections.abc import Awaitable, Callable
from time import monotonic, sleep
from typing import Any, NamedTuple

from prometheus_client import CollectorRegistry
from pydantic import BaseModel

MODEL, CLAUDE = "gpt-4o", "claude-opus-4-8"
CONTEXT = "Shoes last about 700 kilometres. Sleep an hour longer after a long run."
ASKED: list[Any] = [{"role": "user", "content": f"<context>{CONTEXT}</context> How long do shoes last?"}]
PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOL = {"name": "weather", "description": "The weather in a city", "parameters": PARAMETERS}
CHAT_TOOLS: list[Any] = [{"type": "function", "function": TOOL}]
TOOLS: list[Any] = [{"type": "function", "strict": False, **TOOL}]
CLAUDE_TOOLS: list[Any] = [{"name": "weather", "description": "The weather", "input_schema": PARAMETERS}]
TOKENS = {
    "x-demo-input-tokens": "120",
    "x-demo-output-tokens": "30",
    "x-demo-cached-tokens": "100",
    "x-demo-cache-write-tokens": "7",
    "x-demo-reasoning-tokens": "11",
}

Headers = dict[str, str]


class Clients(NamedTuple):
    """Of one SDK each, both sync or both async."""

    openai: Any
    anthropic: Any


class Plan(BaseModel):
    title: str
    weeks: list[int]


Call = Callable[[Clients, Headers], Any]


def _chat(**more: Any) -> Call:
    return lambda clients, headers: clients.openai.chat.completions.create(
        model=MODEL, messages=ASKED, extra_headers=headers, **more
    )


def _responses(**more: Any) -> Call:
    return lambda clients, headers: clients.openai.responses.create(
        model=MODEL, input=ASKED, extra_headers=headers, **more
    )


def _messages(**more: Any) -> Call:
    return lambda clients, headers: clients.anthropic.messages.create(
        model=CLAUDE, messages=ASKED, max_tokens=100, extra_headers=headers, **more
    )


USAGE = {"stream": True, "stream_options": {"include_usage": True}}

CALLS: dict[str, Call] = {
    "chat": _chat(),
    "chat with tools": _chat(tools=CHAT_TOOLS),
    "chat parsed": lambda clients, headers: clients.openai.chat.completions.parse(
        model=MODEL, messages=ASKED, response_format=Plan, extra_headers=headers
    ),
    "chat raw": lambda clients, headers: clients.openai.chat.completions.with_raw_response.create(
        model=MODEL, messages=ASKED, extra_headers=headers
    ),
    "chat read later": lambda clients, headers: clients.openai.chat.completions.with_streaming_response.create(
        model=MODEL, messages=ASKED, extra_headers=headers
    ),
    "responses": _responses(),
    "responses with tools": _responses(tools=TOOLS),
    "responses parsed": lambda clients, headers: clients.openai.responses.parse(
        model=MODEL, input=ASKED, text_format=Plan, extra_headers=headers
    ),
    "messages": _messages(),
    "messages with tools": _messages(tools=CLAUDE_TOOLS),
    "messages raw": lambda clients, headers: clients.anthropic.messages.with_raw_response.create(
        model=CLAUDE, messages=ASKED, max_tokens=100, extra_headers=headers
    ),
    "messages read later": lambda clients, headers: clients.anthropic.messages.with_streaming_response.create(
        model=CLAUDE, messages=ASKED, max_tokens=100, extra_headers=headers
    ),
    "beta messages": lambda clients, headers: clients.anthropic.beta.messages.create(
        model=CLAUDE, messages=ASKED, max_tokens=100, extra_headers=headers
    ),
}

STREAMS: dict[str, Call] = {
    "chat streamed": _chat(**USAGE),
    "chat streamed with tools": _chat(tools=CHAT_TOOLS, **USAGE),
    "chat stream()": lambda clients, headers: clients.openai.chat.completions.stream(
        model=MODEL, messages=ASKED, stream_options={"include_usage": True}, extra_headers=headers
    ),
    "chat raw streamed": lambda clients, headers: clients.openai.chat.completions.with_raw_response.create(
        model=MODEL, messages=ASKED, extra_headers=headers, **USAGE
    ),
    "responses streamed": _responses(stream=True),
    "responses streamed with tools": _responses(stream=True, tools=TOOLS),
    "responses stream()": lambda clients, headers: clients.openai.responses.stream(
        model=MODEL, input=ASKED, extra_headers=headers
    ),
    "messages streamed": _messages(stream=True),
    "messages streamed with tools": _messages(stream=True, tools=CLAUDE_TOOLS),
    "messages stream()": lambda clients, headers: clients.anthropic.messages.stream(
        model=CLAUDE, messages=ASKED, max_tokens=100, extra_headers=headers
    ),
    "beta messages stream()": lambda clients, headers: clients.anthropic.beta.messages.stream(
        model=CLAUDE, messages=ASKED, max_tokens=100, extra_headers=headers
    ),
}

WITHOUT_USAGE = _chat(stream=True)


async def settle(value: Any) -> Any:
    """What an application gets in the end: awaited, entered, parsed, read to its end."""
    if inspect.isawaitable(value):
        return await settle(await value)
    if hasattr(value, "__anext__"):
        return [item async for item in value]
    if hasattr(value, "__next__"):
        return list(value)
    if hasattr(value, "__aenter__"):
        async with value as entered:
            return await settle(entered)
    if hasattr(value, "__enter__"):
        with value as entered:
            return await settle(entered)
    return await settle(value.parse()) if hasattr(value, "http_response") else value


async def outcome(call: Callable[[], Any | Awaitable[Any]]) -> tuple[str, str]:
    """The type of what a call returns or raises, and its text without what differs between any two calls."""
    try:
        value = await settle(call())
    except Exception as error:
        return f"raised {type(error)}", _alike(str(error))
    return f"returned {type(value)}", _alike(repr(value))


def _alike(text: str) -> str:
    return re.sub(r"[0-9a-f]{24}|\b1\d{9}(\.0)?\b|0x[0-9a-f]+", "…", text)


def counted(registry: CollectorRegistry) -> dict[str, float]:
    """What moved, such as {"llm_requests_total{chat,gpt-4o,openai,ok}": 1}; of times their number alone."""
    left_out = ("_bucket", "_sum")
    return {
        f"{sample.name}{{{','.join(value for _, value in sorted(sample.labels.items()))}}}": sample.value
        for family in registry.collect()
        for sample in family.samples
        if sample.value and not sample.name.endswith(left_out)
    }


def await_counted(registry: CollectorRegistry, series: str) -> dict[str, float]:
    """`counted`, once it holds `series`: what the garbage collector ends is counted on a thread of its own."""
    deadline = monotonic() + 5
    while series not in (found := counted(registry)) and monotonic() < deadline:
        sleep(0.002)
    return found


def status_series(provider: str, model: str, operation: str, status: str) -> str:
    return f"llm_requests_total{{{model},{operation},{provider},{status}}}"
