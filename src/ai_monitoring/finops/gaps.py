"""What a reconciliation found, kept in the ledger so that it can be alerted on."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from ai_monitoring.finops.entry import NANO, billionths
from ai_monitoring.finops.ledger import Ledger
from ai_monitoring.finops.tables import GAPS

_MOST = Decimal(9_000_000_000)
"""What 64 bits hold in billionths."""


@dataclass(frozen=True, slots=True)
class Gap:
    """The last bill of a provider beside what was `booked` for the same days; `at` in Unix seconds."""

    provider: str
    currency: str
    booked: Decimal
    billed: Decimal
    at: float

    @property
    def ratio(self) -> float:
        """(billed - booked) / billed; of a bill of nothing 0, or -1 where something is booked."""
        if self.billed == 0:
            return -1.0 if self.booked else 0.0
        return float((self.billed - self.booked) / self.billed)


def keep(ledger: Ledger, gap: Gap) -> None:
    """In place of the provider's last one. Raises LedgerError."""
    values = {
        "provider": gap.provider,
        "at": int(gap.at * 1000),
        "currency": gap.currency,
        "booked": billionths(gap.booked, _MOST),
        "billed": billionths(gap.billed, _MOST),
    }
    ledger.replace(GAPS, {"provider": gap.provider}, values)


def gaps(ledger: Ledger) -> Iterator[Gap]:
    """The last gap of each provider. Raises LedgerError."""
    for provider, at, currency, booked, billed in ledger.rows(GAPS.select()):
        yield Gap(provider, currency, booked * NANO, billed * NANO, at / 1000)
