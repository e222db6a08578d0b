"""A registry and a configuration of its own for each test."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from ai_monitoring import AIRequest, MetricsCollector
from ai_monitoring.configuration import Configuration, Price

CONFIGURATION = Configuration(
    prices={"openai": {"gpt-4": Price(Decimal(10), Decimal(20), Decimal(1)), "embedder": Price(Decimal(1), Decimal(0))}}
)

Ask = Callable[..., AIRequest]


@pytest.fixture(autouse=True, scope="session")
def _ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test books in its user's ledger."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AI_MONITORING_LEDGER", f"sqlite:///{tmp_path_factory.mktemp('ledger')}/ledger.db")
        yield


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def configuration() -> Configuration:
    """A million input tokens cost 10 dollars, output 20, cached 1; embedded 1."""
    return CONFIGURATION


@pytest.fixture
def collector(registry: CollectorRegistry, configuration: Configuration) -> Iterator[MetricsCollector]:
    with MetricsCollector(configuration, registry=registry) as collector:
        yield collector


@pytest.fixture
def ask() -> Ask:
    """A request with a number of its own, and what a test changes of it."""
    made = 0

    def made_request(**changed: Any) -> AIRequest:
        nonlocal made
        made += 1
        fields: dict[str, Any] = {
            "request_id": f"req-{made}",
            "provider": "openai",
            "model": "gpt-4",
            "prompt": "How long do running shoes last?",
            "response": "Running shoes last about 800 kilometres.",
            "input_tokens": 1000,
            "output_tokens": 100,
            "latency_ms": 850.0,
            "team": "engineering",
            "project": "chatbot",
        }
        return AIRequest(**fields | changed)

    return made_request
