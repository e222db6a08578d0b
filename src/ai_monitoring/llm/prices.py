"""What a call costs: own prices from monitoring.yaml, else the list prices of genai-prices, in the configured currency.

genai-prices keeps the providers' list prices per million tokens in its wheel, so nothing is fetched: tiers for long
prompts and prices that change on a date are its matter. Money is reckoned in decimals and rounded nowhere.
"""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from ai_monitoring.configuration import Configuration, Price
from ai_monitoring.llm.usage import Usage

logger = logging.getLogger("ai_monitoring.llm")
_MILLION = Decimal(1_000_000)

_QUARTER = 900
"""Seconds for which a list price is remembered."""

_MAX_MODELS = 10_000
"""Names that are looked up: genai-prices remembers each, also those that it does not know."""

_looked_up: set[tuple[str, str]] = set()


@dataclass(frozen=True, slots=True)
class Cost:
    """Money in the configured currency: what a call cost, and what its provider's prompt cache saved of it."""

    total: float
    saved: float


@dataclass(frozen=True, slots=True)
class Bill:
    """The same to the last digit: `by_type` is what each kind of token cost, and `call` the call itself; what reasoning
    cost is in `output`. `saved` is what the prompt cache saved, negative where it only wrote.
    """

    by_type: Mapping[str, Decimal]
    saved: Decimal

    @property
    def total(self) -> Decimal:
        return sum(self.by_type.values(), Decimal(0))


class Prices:
    """Prices calls by one configuration."""

    def __init__(self, configuration: Configuration) -> None:
        self.currency = configuration.currency
        self._rates = configuration.exchange_rates
        self._own = configuration.prices
        self._last: tuple[object, Bill | None] = (None, None)
        """A recorded request is priced twice in a row, for its metrics and for its reading."""

    def cost(self, provider: str, models: tuple[str, ...], usage: Usage) -> Cost | None:
        """The cost by the first of `models` that has a price: the one that answered, then the one asked for.

        None where none has: such a call is unpriced, never free.
        """
        bill = self.bill(provider, models, usage)
        return None if bill is None else Cost(float(bill.total), max(0.0, float(bill.saved)))

    def bill(self, provider: str, models: tuple[str, ...], usage: Usage) -> Bill | None:
        """As `cost`, in decimals and by kind of token."""
        asked = (provider, models, usage, _quarter())
        known, bill = self._last
        if known != asked:
            bill = self._bill(provider, models, usage.sound())
            self._last = asked, bill
        return bill

    def _bill(self, provider: str, models: tuple[str, ...], usage: Usage) -> Bill | None:
        for model in models:
            price = self._own.get(provider, {}).get(model) or _list_price(provider, model, usage.input_tokens)
            if price is not None:
                return _priced(price, usage, self._rate(price.currency))
        return None

    def _rate(self, currency: str) -> Decimal:
        return Decimal(1) if currency == self.currency else self._rates[currency]


def _priced(price: Price, usage: Usage, rate: Decimal) -> Bill:
    """Cached tokens cost as others do where the price does not name them."""
    read, written = usage.cache_read_tokens, usage.cache_write_tokens
    for_read = price.input if price.cache_read is None else price.cache_read
    for_write = price.input if price.cache_write is None else price.cache_write
    a_token = rate / _MILLION
    by_type = {
        "input": (usage.input_tokens - read - written) * price.input * a_token,
        "output": usage.output_tokens * price.output * a_token,
        "cache_read": read * for_read * a_token,
        "cache_write": written * for_write * a_token,
        "call": price.call * rate,
    }
    return Bill(by_type, (read * (price.input - for_read) + written * (price.input - for_write)) * a_token)


def _list_price(provider: str, model: str, input_tokens: int) -> Price | None:
    """The list price of now for a prompt of that length. genai-prices' own calc_price gives the same cost, thirty times
    as slowly.
    """
    if _library() is None or not _may_look_up(provider, model):
        return None
    listed = _listed(provider, model, _quarter())
    at_input, at_output, at_read, at_write = (_tier(price, input_tokens) for price in listed[:4])
    if at_input is None:  # it knows models whose price it does not, and would call them free
        return None
    return Price(at_input, at_output or Decimal(0), at_read, at_write, call=listed[4])


def _quarter() -> int:
    return int(time.time() // _QUARTER)


@lru_cache(maxsize=1000)
def _listed(provider: str, model: str, quarter: int) -> tuple[Any, Any, Any, Any, Decimal]:
    """Prices of input, output, cache reads and writes, and of the call; some change with the hour of the day."""
    try:
        _, found = _library().get_snapshot().find_provider_model(model, None, provider, None)
    except (LookupError, ValueError):
        return None, None, None, None, Decimal(0)
    listed = found.get_prices(datetime.fromtimestamp(quarter * _QUARTER, UTC))
    at_call = (listed.requests_kcount or Decimal(0)) / 1000
    return listed.input_mtok, listed.output_mtok, listed.cache_read_mtok, listed.cache_write_mtok, at_call


def listed_models(provider: str, model: str) -> list[str]:
    """The provider's other models on the price list that are not on their way out and take prompts as long."""
    library = _library()
    if library is None or not _may_look_up(provider, model):
        return []
    try:
        found, this = library.get_snapshot().find_provider_model(model, None, provider, None)
    except (LookupError, ValueError):
        return []
    return [
        other.id
        for other in found.models
        if other.id != this.id and not other.deprecated and (other.context_window or 0) >= (this.context_window or 0)
    ]


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
