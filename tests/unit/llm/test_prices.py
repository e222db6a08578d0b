"""Golden costs, by the list prices of November 2026 in US dollars per million tokens, worked out by hand."""

import sys
from decimal import Decimal

import genai_prices
import pytest
from genai_prices.data_snapshot import get_snapshot

from ai_monitoring.configuration import Configuration, Price
from ai_monitoring.llm import prices as prices_module
from ai_monitoring.llm.prices import Cost, Prices
from ai_monitoring.llm.usage import Usage

DOLLARS = Prices(Configuration())


def cost_of(provider: str, models: str | tuple[str, ...], usage: Usage, prices: Prices = DOLLARS) -> Cost:
    cost = prices.cost(provider, (models,) if isinstance(models, str) else models, usage)
    assert cost is not None
    return cost


# Usage is input, output, cache read, cache write, reasoning. Input holds what is cached, output holds reasoning.
GOLDEN = [
    # 2.50, cached 1.25, output 10: 600 x 2.50 + 400 x 1.25 + 100 x 10 = 1500 + 500 + 1000
    ("openai", "gpt-4o", Usage(1000, 100, 400), 0.003),
    # 0.15, output 0.60: 1000 x 0.15 + 100 x 0.60 = 150 + 60
    ("openai", "gpt-4o-mini", Usage(1000, 100), 0.00021),
    # 2, cached 0.50, output 8: 600 x 2 + 400 x 0.50 + 100 x 8 = 1200 + 200 + 800
    ("openai", "gpt-4.1", Usage(1000, 100, 400), 0.0022),
    # 2, output 8, whatever of it is reasoning: 1000 x 2 + 1000 x 8 = 2000 + 8000
    ("openai", "o3", Usage(1000, 1000, reasoning_tokens=800), 0.01),
    # 1.10, output 4.40: 1000 x 1.10 + 1000 x 4.40 = 1100 + 4400
    ("openai", "o4-mini", Usage(1000, 1000, reasoning_tokens=960), 0.0055),
    # 1.25, cached 0.125, output 10: 600 x 1.25 + 400 x 0.125 + 1000 x 10 = 750 + 50 + 10000
    ("openai", "gpt-5", Usage(1000, 1000, 400, reasoning_tokens=640), 0.0108),
    # 0.02: 1000 x 0.02 = 20
    ("openai", "text-embedding-3-small", Usage(1000), 0.00002),
    # 0.13: 1000 x 0.13 = 130
    ("openai", "text-embedding-3-large", Usage(1000), 0.00013),
    # 3, read 0.30, written for 5 minutes 3.75, output 15: 3000 + 300 + 3750 + 1500
    ("anthropic", "claude-sonnet-4-5", Usage(3000, 100, 1000, 1000), 0.00855),
    # A prompt over 200,000 tokens: 6, read 0.60, written 7.50, output 22.50: 298000 x 6 + 600 + 7500 + 2250
    ("anthropic", "claude-sonnet-4-5", Usage(300_000, 100, 1000, 1000), 1.79835),
    # 1, read 0.10, written 1.25, output 5: 1000 + 100 + 1250 + 500
    ("anthropic", "claude-haiku-4-5", Usage(3000, 100, 1000, 1000), 0.00285),
    # 5, read 0.50, written 6.25, output 25: 5000 + 500 + 6250 + 2500
    ("anthropic", "claude-opus-4-5", Usage(3000, 100, 1000, 1000), 0.01425),
    # 15, read 1.50, written 18.75, output 75: 15000 + 1500 + 18750 + 7500
    ("anthropic", "claude-opus-4-1", Usage(3000, 100, 1000, 1000), 0.04275),
]


@pytest.mark.parametrize(("provider", "model", "usage", "dollars"), GOLDEN)
def test_list_prices(provider: str, model: str, usage: Usage, dollars: float) -> None:
    assert cost_of(provider, model, usage).total == pytest.approx(dollars, abs=1e-12)


@pytest.mark.parametrize("usage", [Usage(1000, 100, 300, 200), Usage(10, 0), Usage(900_000, 100, 300, 200)])
def test_every_cost_is_that_of_the_price_table(usage: Usage) -> None:
    tokens = genai_prices.Usage(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cache_read_tokens=usage.cache_read_tokens,
        cache_write_tokens=usage.cache_write_tokens,
    )
    priced, wrong = 0, []
    for provider in get_snapshot().providers:
        for model in provider.models:
            found = DOLLARS.cost(provider.id, (model.id,), usage)
            if found is None:
                continue
            priced += 1
            expected = genai_prices.calc_price(tokens, model.id, provider_id=provider.id).total_price
            if abs(found.total - float(expected)) > 1e-12:
                wrong.append((provider.id, model.id, found.total, expected))
    assert not wrong
    assert priced > 300


def test_what_a_cache_read_saved() -> None:
    # 400 tokens at 1.25 in place of 2.50.
    cost = cost_of("openai", ("gpt-4o",), Usage(1000, 100, 400))
    assert cost.saved == pytest.approx(0.0005, abs=1e-12)


def test_a_cache_write_saves_nothing() -> None:
    cost = cost_of("anthropic", ("claude-sonnet-4-5",), Usage(3000, 0, 0, 3000))
    assert cost.saved == 0


@pytest.mark.parametrize("model", ["ft:gpt-4o-mini:acme", "nobody-knows"])
def test_a_model_without_a_price_has_none(model: str) -> None:
    assert DOLLARS.cost("openai", (model,), Usage(1000, 100)) is None


def test_a_model_whose_price_the_table_lacks_is_not_free() -> None:
    known = genai_prices.calc_price(genai_prices.Usage(input_tokens=1000), "gpt-4o", provider_id="github-copilot")
    assert known.total_price == 0  # the table knows the model, and no price
    assert DOLLARS.cost("github-copilot", ("gpt-4o",), Usage(1000, 100)) is None


def test_the_model_that_answered_goes_first() -> None:
    cost = cost_of("openai", ("gpt-4o-2024-08-06", "nobody-knows"), Usage(1000))
    other = cost_of("openai", ("nobody-knows", "gpt-4o-mini"), Usage(1000))
    assert cost.total == pytest.approx(0.0025)
    assert other.total == pytest.approx(0.00015)


def test_more_cached_tokens_than_there_were_cost_no_less_than_nothing() -> None:
    cost = cost_of("openai", ("gpt-4o",), Usage(100, 0, 1000))
    assert cost.total == pytest.approx(0.000125)


def test_list_prices_are_exchanged() -> None:
    euros = Prices(Configuration("EUR", {"USD": Decimal("0.9")}))
    cost = cost_of("openai", ("gpt-4o",), Usage(1_000_000), euros)
    assert euros.currency == "EUR"
    assert cost.total == pytest.approx(2.25, abs=1e-12)


def test_own_prices_lie_over_list_prices() -> None:
    own = {
        "openai": {"gpt-4o": Price(Decimal(1), Decimal(2), cache_read=Decimal("0.5"), cache_write=Decimal(3))},
        "vllm": {"m": Price(Decimal("0.1"), currency="EUR")},
    }
    euros = Prices(Configuration("EUR", {"USD": Decimal("0.5")}, own))
    # (600 - 100 written) x 1 + 400 x 0.5 + 100 x 3 + 10 x 2 = 500 + 200 + 300 + 20, halved
    cost = cost_of("openai", ("gpt-4o",), Usage(1000, 10, 400, 100), euros)
    assert cost.total == pytest.approx(0.00051, abs=1e-12)
    # Cached tokens without a price of their own cost as input; the currency is the configured one.
    cost = cost_of("vllm", ("m",), Usage(1000, 10, 400), euros)
    assert cost.total == pytest.approx(0.0001, abs=1e-12)


def test_without_the_table_nothing_has_a_price(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prices_module, "_library", lambda: None)
    assert Prices(Configuration()).cost("openai", ("gpt-4o",), Usage(1000)) is None


def test_a_missing_table_is_told_once(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setitem(sys.modules, "genai_prices", None)
    prices_module._library.cache_clear()
    prices = Prices(Configuration())  # of its own: one that has priced the same call remembers it
    try:
        for _ in range(3):
            assert prices.cost("openai", ("gpt-4o",), Usage(1000)) is None
    finally:
        prices_module._library.cache_clear()
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "ai-monitoring[llm]" in caplog.text


def test_made_up_names_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    cost_of("openai", "gpt-4o", Usage(1))
    monkeypatch.setattr(prices_module, "_MAX_MODELS", len(prices_module._looked_up))
    before = len(get_snapshot()._provider_cache)
    assert DOLLARS.cost("openai", ("made-up",), Usage(1)) is None
    assert DOLLARS.cost("openai", ("gpt-4o",), Usage(1000)) is not None
    assert len(get_snapshot()._provider_cache) == before
