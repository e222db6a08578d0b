"""What a call costs: own prices from monitoring.yaml, else the list prices of genai-prices, in the configured currency.

genai-prices keeps the providers' list prices per million tokens in its wheel, so nothing is fetched: tiers for long
prompts and prices that change on a date are its matter. Money is reckoned in decimals and rounded nowhere.
"""

import logging
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from ai_monitoring.configuration import Configuration, Price
from ai_monitoring.llm.usage import Usage

logger = logging.getLogger("ai_monitoring.llm")
_MILLION = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class Cost:
    """Money in the configured currency: what a call cost, and what its provider's prompt cache saved of it."""

    total: float
    saved: float


class Prices:
    """Prices calls by one configuration."""

    def __init__(self, configuration: Configuration) -> None:
        self.currency = configuration.currency
        self._rates = configuration.exchange_rates
        self._own = configuration.prices

    def cost(self, provider: str, models: tuple[str, ...], usage: Usage) -> Cost | None:
        """The cost by the first of `models` that has a price: the one that answered, then the one asked for.

        None where none has: such a call is unpriced, never free.
        """
        for model in models:
            own = self._own.get(provider, {}).get(model)
            found = _by_own_price(own, usage) if own else _by_list_price(provider, model, usage)
            if found is not None:
                rate = self._rate(own.currency if own else "USD")
                total, saved = found
                return Cost(float(total * rate), max(0.0, float(saved * rate)))
        return None

    def _rate(self, currency: str) -> Decimal:
        return Decimal(1) if currency == self.currency else self._rates[currency]


def _by_own_price(price: Price, usage: Usage) -> tuple[Decimal, Decimal]:
    """The total and what caching saved. Cached tokens cost as others do where the price does not name them."""
    read, written = usage.cache_read_tokens, usage.cache_write_tokens
    plain = max(0, usage.input_tokens - read - written)
    for_read = price.input if price.cache_read is None else price.cache_read
    for_write = price.input if price.cache_write is None else price.cache_write
    total = plain * price.input + read * for_read + written * for_write + usage.output_tokens * price.output
    return total / _MILLION, (
        read * price.input + written * price.input - read * for_read - written * for_write
    ) / _MILLION


def _by_list_price(provider: str, model: str, usage: Usage) -> tuple[Decimal, Decimal] | None:
    """In USD. What caching saved is the difference to the same tokens without a cache: negative where it only wrote."""
    total = _list_price(provider, model, usage)
    if total is None:
        return None
    if not usage.cache_read_tokens:
        return total, Decimal(0)
    uncached = _list_price(provider, model, Usage(usage.input_tokens, usage.output_tokens))
    return total, (uncached or total) - total


def _list_price(provider: str, model: str, usage: Usage) -> Decimal | None:
    library = _library()
    if library is None:
        return None
    # More cached tokens than there were is malformed, and would be priced below zero.
    read = min(usage.cache_read_tokens, usage.input_tokens)
    written = min(usage.cache_write_tokens, usage.input_tokens - read)
    tokens = library.Usage(
        input_tokens=usage.input_tokens,
        cache_read_tokens=read or None,
        cache_write_tokens=written or None,
        output_tokens=usage.output_tokens,
    )
    try:
        price = library.calc_price(tokens, model, provider_id=provider)
    except (LookupError, ValueError):
        return None
    # It knows models whose price it does not, and would call them free.
    return None if price.model_price.input_mtok is None else price.total_price


@cache
def _library() -> Any:
    try:
        import genai_prices
    except ImportError:
        logger.warning("genai-prices is not installed, so calls have no price: pip install 'ai-monitoring[llm]'")
        return None
    return genai_prices
