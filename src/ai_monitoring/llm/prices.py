"""What a call costs: own prices from monitoring.yaml, else the list prices of genai-prices, in the configured currency.

genai-prices keeps the providers' list prices per million tokens in its wheel, so nothing is fetched: tiers for long
prompts and prices that change on a date are its matter. Money is reckoned in decimals and rounded nowhere.
"""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from time import time
from typing import Any

from ai_monitoring.configuration import Configuration, Price
from ai_monitoring.llm.usage import Usage

logger = logging.getLogger("ai_monitoring.llm")
_MILLION = Decimal(1_000_000)

_MAX_MODELS = 10_000
"""Names that are looked up: genai-prices remembers each, also those that it does not know."""

_looked_up: set[tuple[str, str]] = set()


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
        self._last: tuple[object, Cost | None] = (None, None)
        """A recorded request is priced twice in a row, for its reading and for its metrics."""

    def cost(self, provider: str, models: tuple[str, ...], usage: Usage) -> Cost | None:
        """The cost by the first of `models` that has a price: the one that answered, then the one asked for.

        None where none has: such a call is unpriced, never free.
        """
        asked = (provider, models, usage, int(time() // 60))  # list prices change at a time
        known, cost = self._last
        if known != asked:
            cost = self._cost(provider, models, usage.sound())
            self._last = asked, cost
        return cost

    def _cost(self, provider: str, models: tuple[str, ...], usage: Usage) -> Cost | None:
        for model in models:
            price = self._own.get(provider, {}).get(model) or _list_price(provider, model, usage.input_tokens)
            if price is not None:
                rate = self._rate(price.currency)
                total, saved = _priced(price, usage)
                return Cost(float(total * rate), max(0.0, float(saved * rate)))
        return None

    def _rate(self, currency: str) -> Decimal:
        return Decimal(1) if currency == self.currency else self._rates[currency]


def _priced(price: Price, usage: Usage) -> tuple[Decimal, Decimal]:
    """The total, and what caching saved: negative where it only wrote. Cached tokens cost as others do where the price
    does not name them.
    """
    read, written = usage.cache_read_tokens, usage.cache_write_tokens
    for_read = price.input if price.cache_read is None else price.cache_read
    for_write = price.input if price.cache_write is None else price.cache_write
    saved = read * (price.input - for_read) + written * (price.input - for_write)
    total = usage.input_tokens * price.input - saved + usage.output_tokens * price.output
    return total / _MILLION + price.call, saved / _MILLION


def _list_price(provider: str, model: str, input_tokens: int) -> Price | None:
    """The list price of today for a prompt of that length. genai-prices' own calc_price gives the same cost, ten times
    as slowly.
    """
    library = _library()
    if library is None or not _may_look_up(provider, model):
        return None
    try:
        _, found = library.get_snapshot().find_provider_model(model, None, provider, None)
    except (LookupError, ValueError):
        return None
    listed = found.get_prices(datetime.now(UTC))
    names = ("input_mtok", "output_mtok", "cache_read_mtok", "cache_write_mtok")
    at_input, at_output, at_read, at_write = (_tier(getattr(listed, name), input_tokens) for name in names)
    if at_input is None:  # it knows models whose price it does not, and would call them free
        return None
    at_call = (listed.requests_kcount or Decimal(0)) / 1000
    return Price(at_input, at_output or Decimal(0), at_read, at_write, call=at_call)


def _may_look_up(provider: str, model: str) -> bool:
    """Whether the name is one of the first ones: an application may pass on what its users make up."""
    if len(_looked_up) < _MAX_MODELS:
        _looked_up.add((provider, model))
    return (provider, model) in _looked_up


def _tier(price: Any, input_tokens: int) -> Decimal | None:
    """A long prompt may cost more for each of its tokens, and of its answer's."""
    if price is None or isinstance(price, Decimal):
        return price
    tiers = [tier.price for tier in price.tiers if input_tokens > tier.start]
    return tiers[-1] if tiers else price.base  # type: ignore[no-any-return]


@cache
def _library() -> Any:
    try:
        from genai_prices import data_snapshot
    except ImportError:
        logger.warning("genai-prices is not installed, so calls have no price: pip install 'ai-monitoring[llm]'")
        return None
    return data_snapshot
