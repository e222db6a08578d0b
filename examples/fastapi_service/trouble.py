"""What can go wrong with a model, to order: a request's header `x-demo-trouble` says what the stand-in shall do."""

from enum import StrEnum
from typing import Annotated, Any

from fastapi import Depends, Header

USUAL = {"x-demo-latency": "0.15", "x-demo-token-delay": "0.005"}


class Trouble(StrEnum):
    """The troubles that a request may ask for. A real provider knows none of them."""

    NONE = "none"
    SLOW = "slow"
    DAWDLING = "dawdling"
    RATE_LIMITED = "rate-limited"
    ERROR = "error"
    TIMEOUT = "timeout"
    NO_USAGE = "no-usage"
    CACHED = "cached"
    UNPRICED = "unpriced"

    @property
    def patience(self) -> dict[str, Any]:
        """Options of the SDK's client: for `timeout` it gives up soon, and for good."""
        return {"timeout": 1.2, "max_retries": 0} if self is Trouble.TIMEOUT else {}

    @property
    def orders(self) -> dict[str, str]:
        """The headers that tell the stand-in."""
        return USUAL | _ORDERS.get(self, {})

    def model(self, usual: str) -> str:
        """The model to ask: for `unpriced` one that no price list knows."""
        return "coach-7b" if self is Trouble.UNPRICED else usual


_ORDERS = {
    Trouble.SLOW: {"x-demo-latency": "3.5"},
    Trouble.DAWDLING: {"x-demo-token-delay": "0.2"},
    # The SDK tries again, and that goes well.
    Trouble.RATE_LIMITED: {"x-demo-fail-first": "1", "x-demo-retry-after": "0.3"},
    Trouble.ERROR: {"x-demo-status": "500"},
    Trouble.TIMEOUT: {"x-demo-latency": "30"},
    Trouble.NO_USAGE: {"x-demo-usage": "none"},
    # No trouble but a relief: a prompt of the length at which providers cache, most of it read from there.
    Trouble.CACHED: {"x-demo-input-tokens": "1200", "x-demo-cached-tokens": "1024"},
}


def _ordered(x_demo_trouble: Annotated[Trouble, Header()] = Trouble.NONE) -> Trouble:
    return x_demo_trouble


Ordered = Annotated[Trouble, Depends(_ordered)]
"""The trouble that a request asks for: a parameter of a route."""
