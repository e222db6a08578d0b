"""Which cheaper model a request could have gone to, by price alone: quality is not compared."""

import re
from decimal import Decimal
from typing import Final

from ai_monitoring.configuration import Configuration
from ai_monitoring.finops.reading import CheaperModel
from ai_monitoring.llm.prices import Bill, Prices, listed_models
from ai_monitoring.llm.usage import Usage

CONFIGURED: Final = "named under alternatives in monitoring.yaml; quality is not compared"
LISTED: Final = "list price of the same provider's family, the next cheaper one; quality is not compared"
_SIZES = frozenset(
    {
        *("mini", "nano", "turbo", "pro", "haiku", "sonnet", "opus", "luna", "terra", "sol"),
        *("tiny", "small", "medium", "large", "lite", "flash", "latest", "preview"),
    }
)
_VERSION = re.compile(r"v?\d+(\.\d+)?o?")
_MOST = 1000
_TOKENS = Usage(1000, 1000)
"""What models are compared by: an even mix of input and output."""


class Alternatives:
    """Finds for a model the next cheaper one of its provider's family, or the one that monitoring.yaml names.

    A family shares the first part of its names (gpt, claude, gemini); of the other parts all must be versions or
    sizes, so that no model for pictures or speech is named. The next cheaper one costs less for input and for output
    and takes prompts as long.
    """

    def __init__(self, configuration: Configuration, prices: Prices) -> None:
        self._configured = configuration.alternatives
        self._prices = prices
        self._found: dict[tuple[str, str], str | None] = {}

    def cheaper(self, provider: str, model: str, usage: Usage, cost: Decimal) -> CheaperModel | None:
        """The cheaper model for a request that cost that much; None where none is known."""
        named = self._configured.get(provider, {}).get(model)
        other = named or self._listed(provider, model)
        bill = self._prices.bill(provider, (other,), usage) if other else None
        if other is None or bill is None or bill.total >= cost:
            return None
        return CheaperModel(other, bill.total, cost - bill.total, CONFIGURED if named else LISTED)

    def _listed(self, provider: str, model: str) -> str | None:
        key = (provider, model)
        if key not in self._found:
            if len(self._found) >= _MOST:
                return None
            self._found[key] = self._next(provider, model)
        return self._found[key]

    def _next(self, provider: str, model: str) -> str | None:
        family, ours = _family(model), self._prices.bill(provider, (model,), _TOKENS)
        if family is None or ours is None:
            return None
        bills = {
            other: bill
            for other in listed_models(provider, model)
            if _family(other) == family and (bill := self._prices.bill(provider, (other,), _TOKENS)) is not None
        }
        cheaper = [(bill.total, other) for other, bill in bills.items() if _both_cheaper(bill, ours)]
        return max(cheaper)[1] if cheaper else None


def _both_cheaper(its: Bill, ours: Bill) -> bool:
    return all(its.by_type[kind] < ours.by_type[kind] for kind in ("input", "output"))


def _family(model: str) -> str | None:
    """None for a model that is not told by version and size alone."""
    first, *rest = model.split("-")
    return first if all(part in _SIZES or _VERSION.fullmatch(part) for part in rest) else None
