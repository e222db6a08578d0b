"""Switching the watch on and off: lazily, once, and never in the application's way."""

import subprocess
import sys
from functools import partial
from typing import Any

import anthropic
import openai
import pytest
from prometheus_client import CollectorRegistry
from sdk_calls import CALLS, MODEL, WITHOUT_USAGE, Clients, counted, outcome, settle, status_series

from ai_monitoring.llm import openai as openai_readings
from ai_monitoring.llm import stainless
from ai_monitoring.llm.instrumentation import instrument, uninstrument

OK = status_series("openai", MODEL, "chat", "ok")


def run(code: str) -> str:
    """What a fresh interpreter prints."""
    return subprocess.check_output(
        [sys.executable, "-W", "ignore", "-c", code], text=True, stderr=subprocess.STDOUT
    ).strip()


def methods() -> list[Any]:
    clients = (openai.OpenAI, openai.AsyncOpenAI, anthropic.Anthropic, anthropic.AsyncAnthropic)
    return [*(client.request for client in clients), openai.OpenAI._should_retry]


def test_nothing_is_imported_and_what_is_imported_later_is_watched() -> None:
    code = """
import sys
from ai_monitoring.llm import instrument
print(*instrument(), *({"openai", "anthropic"} & set(sys.modules)))
import openai
print(hasattr(openai.OpenAI.request, "watched_by_ai_monitoring"), "anthropic" in sys.modules, openai.__loader__)
import anthropic
print(hasattr(anthropic.Anthropic.request, "watched_by_ai_monitoring"), type(anthropic.__spec__.loader).__name__)
print([finder for finder in sys.meta_path if "ai_monitoring" in type(finder).__module__])
"""
    first, second, third, finders = run(code).splitlines()
    assert first == "openai anthropic"
    assert second.startswith("True False <_frozen_importlib_external.SourceFileLoader")
    assert third == "True SourceFileLoader"
    assert finders == "[]"


def test_sdks_that_are_not_installed() -> None:
    code = """
import sys
sys.modules["openai"] = sys.modules["anthropic"] = None
from ai_monitoring.llm import instrument
print(instrument())
"""
    assert run(code) == "()"


def test_a_forked_worker_ends_what_is_abandoned_in_it(address: str) -> None:
    code = f"""
import os, sys, time
from prometheus_client import REGISTRY
from ai_monitoring.llm import instrument
import openai
instrument()
def abandon():
    with openai.OpenAI(api_key="made up", base_url="{address}/v1") as client:
        client.chat.completions.create(model="{MODEL}", messages=[], stream=True).close()
def await_counted(number):
    deadline = time.monotonic() + 5
    while REGISTRY.get_sample_value("llm_requests_total", labels) != number and time.monotonic() < deadline:
        time.sleep(0.005)
labels = dict(provider="openai", model="{MODEL}", operation="chat", status="abandoned")
abandon()
await_counted(1)
if os.fork():
    sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))
abandon()
await_counted(2)
print(REGISTRY.get_sample_value("llm_requests_total", labels))
"""
    assert run(code) == "2.0"


async def test_instrumenting_twice_counts_once_under_the_last_settings(
    clients: Clients, registry: CollectorRegistry, watched: None
) -> None:
    last = CollectorRegistry()
    assert instrument(registry=last, team="search", project="faq") == ("openai", "anthropic")
    await settle(CALLS["chat"](clients, {}))
    assert (counted(registry), counted(last)[OK]) == ({}, 1)
    assert [name for name in counted(last) if name.startswith("llm_cost_total") and "faq,openai,search" in name]


def test_uninstrument_leaves_the_sdks_as_they_were(registry: CollectorRegistry) -> None:
    before = methods()
    instrument(registry=registry)
    assert not set(methods()) & set(before)
    uninstrument()
    uninstrument()
    assert methods() == before


async def test_a_client_made_before_is_watched_and_a_call_under_way_is_counted(
    clients: Clients, registry: CollectorRegistry, watched: None
) -> None:
    stream = WITHOUT_USAGE(clients, {})
    uninstrument()
    await settle(CALLS["chat"](clients, {}))
    assert len(list(stream)) > 3
    assert counted(registry)[OK] == 1


async def test_subclasses_are_watched(address: str, registry: CollectorRegistry, watched: None) -> None:
    class Ours(openai.OpenAI):
        """As applications derive their own."""

    azure = openai.AzureOpenAI(api_key="made up", api_version="2024-10-21", base_url=f"{address}/v1")
    with Ours(api_key="made up", base_url=f"{address}/v1") as ours, azure:
        await settle(CALLS["chat"](Clients(ours, None), {}))
        await outcome(lambda: CALLS["chat"](Clients(azure, None), {}))
    requests = [name for name in counted(registry) if name.startswith("llm_requests_total")]
    # The upstream does not know the path of an Azure deployment.
    assert sorted(requests) == [status_series("azure", MODEL, "chat", "invalid_request"), OK]


async def test_own_names_for_providers(clients: Clients, registry: CollectorRegistry) -> None:
    instrument(registry=registry, providers={"127.0.0.1": "vllm"})
    try:
        await settle(CALLS["chat"](clients, {}))
    finally:
        uninstrument()
    assert status_series("vllm", MODEL, "chat", "ok") in counted(registry)


async def test_an_error_of_ours_stays_ours(
    clients: Clients, registry: CollectorRegistry, watched: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("ours")

    monkeypatch.setattr(openai_readings.ChatReading, "whole", broken)
    monkeypatch.setattr(openai_readings.ChatReading, "chunk", broken)
    monkeypatch.setattr(stainless, "watch_close", broken)
    for call in (CALLS["chat"], CALLS["chat raw"], WITHOUT_USAGE):
        assert (await outcome(partial(call, clients, {})))[0].startswith("returned")
    monkeypatch.setattr(stainless, "LLMCall", broken)
    assert (await outcome(lambda: CALLS["chat"](clients, {})))[0].startswith("returned")


async def test_without_the_private_method_a_mended_429_goes_unseen_and_nothing_else(
    clients: Clients, registry: CollectorRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = stainless._replace

    def without(client: type, name: str, wrap: Any) -> Any:
        return replace(client, "_moved_elsewhere" if name == "_should_retry" else name, wrap)

    monkeypatch.setattr(stainless, "_replace", without)
    instrument(registry=registry)
    try:
        await settle(CALLS["chat"](clients, {}))
    finally:
        uninstrument()
    assert counted(registry)[OK] == 1


def test_a_module_that_is_no_such_sdk_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, registry: CollectorRegistry
) -> None:
    monkeypatch.delattr(openai, "AsyncOpenAI")
    before = openai.OpenAI.request
    instrument(registry=registry)
    uninstrument()
    assert openai.OpenAI.request is before
    assert counted(registry)["ai_monitoring_instrumentation_errors_total{llm}"] == 1
