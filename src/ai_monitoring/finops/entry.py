"""One line of the ledger: what a request cost, and whom."""

import hashlib
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

NANO: Final = Decimal("1e-9")
MOST: Final = Decimal(10_000_000)
"""The largest amount of one entry: more is a wrong number of tokens, and some hundreds of them would not fit a sum."""

_MOST_TOKENS = 2**53


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A request's money in `currency`. `at` in Unix seconds; `cost` is 0 and `priced` False where no price is known;
    `saved` is what caches saved, `value` what the request brought.
    """

    request_id: str
    at: float
    provider: str
    model: str
    team: str
    project: str
    currency: str
    cost: Decimal = Decimal(0)
    saved: Decimal = Decimal(0)
    value: Decimal = Decimal(0)
    priced: bool = True
    input_tokens: int = 0
    output_tokens: int = 0

    @property
    def key(self) -> str:
        """A digest of the request's id: as long for every id, and nothing of a person's is told by it."""
        return hashlib.blake2b(self.request_id.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

    def sums(self) -> dict[str, int]:
        """What adds up, as whole numbers: amounts in billionths of the currency."""
        return {
            "calls": 1,
            "unpriced": int(not self.priced),
            "cost": billionths(self.cost),
            "saved": billionths(self.saved),
            "value": billionths(self.value),
            "input_tokens": _tokens(self.input_tokens),
            "output_tokens": _tokens(self.output_tokens),
        }


def billionths(amount: Decimal, most: Decimal = MOST) -> int:
    """0 for less than nothing or no number; half a billionth is rounded to the even one."""
    if not amount.is_finite() or amount <= 0:
        return 0
    return int((min(amount, most) / NANO).quantize(Decimal(1), ROUND_HALF_EVEN))


def _tokens(count: int) -> int:
    return min(max(count, 0), _MOST_TOKENS)
