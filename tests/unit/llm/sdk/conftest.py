"""Real SDK clients against the upstream on loopback, and the series that their calls moved."""

from collections.abc import AsyncIterator, Callable, Iterator

import anthropic
import openai
import pytest
from llm_upstream import upstream
from prometheus_client import CollectorRegistry
from sdk_calls import Clients

from ai_monitoring.llm.instrumentation import instrument, uninstrument


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    with upstream() as served:
        yield served


@pytest.fixture(scope="session")
def clients(address: str) -> Iterator[Clients]:
    # Loading the machine's certificates takes longer than all the calls of a test.
    with openai.DefaultHttpxClient(verify=False) as first, anthropic.DefaultHttpxClient(verify=False) as second:
        yield Clients(
            openai.OpenAI(api_key="made up", base_url=f"{address}/v1", max_retries=0, http_client=first),
            anthropic.Anthropic(api_key="made up", base_url=address, max_retries=0, http_client=second),
        )


@pytest.fixture
async def async_clients(address: str) -> AsyncIterator[Clients]:
    first, second = openai.DefaultAsyncHttpxClient(verify=False), anthropic.DefaultAsyncHttpxClient(verify=False)
    async with first, second:
        yield Clients(
            openai.AsyncOpenAI(api_key="made up", base_url=f"{address}/v1", max_retries=0, http_client=first),
            anthropic.AsyncAnthropic(api_key="made up", base_url=address, max_retries=0, http_client=second),
        )


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def watch(registry: CollectorRegistry) -> Iterator[Callable[[], None]]:
    """Puts the SDKs under watch when it is called, until the test ends."""

    def on() -> None:
        instrument(registry=registry)

    yield on
    uninstrument()


@pytest.fixture
def watched(watch: Callable[[], None]) -> None:
    watch()
