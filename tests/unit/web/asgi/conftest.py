"""What the tests of ASGI applications share."""

from collections.abc import Callable

import pytest
from prometheus_client import CollectorRegistry


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def counted(registry: CollectorRegistry) -> Callable[[], dict[tuple[str, str, str], float]]:
    """The requests counted so far, by method, endpoint and status."""

    def requests() -> dict[tuple[str, str, str], float]:
        return {
            (sample.labels["method"], sample.labels["endpoint"], sample.labels["status"]): sample.value
            for family in registry.collect()
            for sample in family.samples
            if sample.name == "fastapi_requests_total" and sample.value
        }

    return requests
