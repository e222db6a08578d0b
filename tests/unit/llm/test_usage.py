from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from sdk_calls import counted

from ai_monitoring.llm import Usage, record_call

pytestmark = pytest.mark.usefixtures("in_dollars")


@pytest.mark.parametrize(
    ("told", "sound"),
    [
        (Usage(10, 5, 4, 3, 2, True), Usage(10, 5, 4, 3, 2, True)),
        (Usage(-5, -3, -1, -1, -1), Usage()),
        (Usage(10, 5, 20, 20, 20), Usage(10, 5, 10, 0, 5)),
        (Usage(10, 5, 4, 20), Usage(10, 5, 4, 6)),
    ],
)
def test_counts_that_cannot_be_true_are_bounded(told: Usage, sound: Usage) -> None:
    assert told.sound() == sound


@pytest.mark.parametrize("tokens", [None, -7, "many", 1.5])
def test_what_is_no_number_of_tokens_neither_costs_nor_fails(tokens: Any, registry: CollectorRegistry) -> None:
    record_call("openai", "gpt-4o", seconds=1, usage=Usage(1000, tokens, tokens), registry=registry)
    found = counted(registry)
    assert found["llm_tokens_total{gpt-4o,openai,input}"] == 1000
    assert found["llm_cost_total{USD,gpt-4o,none,openai,none}"] == pytest.approx(0.0025, abs=1e-12)
    assert not [series for series in found if series.startswith("ai_monitoring")]
