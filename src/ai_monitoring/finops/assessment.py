"""FinOps: what each AI request costs and brings, booked in the ledger, and how the budgets stand with it."""

import time
from decimal import Decimal

from prometheus_client import REGISTRY, CollectorRegistry

from ai_monitoring.collector.request import AIRequest
from ai_monitoring.configuration import Configuration
from ai_monitoring.finops.alternatives import Alternatives
from ai_monitoring.finops.database import address
from ai_monitoring.finops.entry import Entry
from ai_monitoring.finops.reading import CostReading, FinOpsReading
from ai_monitoring.finops.tally import Tally
from ai_monitoring.finops.writer import LedgerWriter
from ai_monitoring.llm.accounting import labels
from ai_monitoring.llm.names import model_name
from ai_monitoring.llm.prices import Bill, Prices
from ai_monitoring.llm.usage import Usage

FIRST_READING = 2.0
"""Seconds that a start waits for the ledger to say what was spent before it."""

_NOTHING = Bill({}, Decimal(0))
_LAST_MOMENT = 253_370_764_800.0
"""The year 9999."""


class FinOps:
    """Assesses requests by one configuration, and books them in its ledger in the background (writer.LedgerWriter says
    what can be lost). `assess` waits for nothing and raises nothing for odd numbers. `prices` are those of the
    configuration, where somebody has them already.
    """

    def __init__(
        self, configuration: Configuration, registry: CollectorRegistry = REGISTRY, prices: Prices | None = None
    ) -> None:
        self._prices = prices or Prices(configuration)
        self._prices.bill("openai", ("gpt-4o",), Usage())  # reads the list once: the first request need not
        self._alternatives = Alternatives(configuration, self._prices)
        self._tally = Tally(configuration)
        self._writer = LedgerWriter(address(configuration), self._tally, registry)
        if self._tally:
            self._writer.wait_until_read(FIRST_READING)

    def assess(self, request: AIRequest, *, new: bool = True) -> FinOpsReading:
        """Price the request, book it where it is new, and say how the budgets stand that it touches: by what the ledger
        said at most 5 seconds ago, and all that this process has seen since.
        """
        now = time.time()
        usage = request.usage
        listed = self._prices.bill(request.provider, (request.model,), usage)
        own_cache = request.from_own_cache
        bill = _NOTHING if own_cache or listed is None else listed
        saved = max(Decimal(0), listed.total if own_cache and listed else bill.saved)
        cost, value = bill.total, _value(request)
        entry = self._entry(
            request, usage, now, cost=cost, saved=saved, value=value, priced=own_cache or listed is not None
        )
        budgets = self._tally.add(entry, now, new=new)
        if new:
            self._writer.submit(entry)
        return FinOpsReading(
            cost=CostReading(cost, bill.by_type, entry.currency, entry.priced),
            team=entry.team,
            project=entry.project,
            model=entry.model,
            budgets=budgets,
            business_value=value,
            roi=None if value is None or cost <= 0 else float((value - cost) / cost),
            cache_savings=saved,
            cheaper=self._alternatives.cheaper(request.provider, request.model, usage, cost),
        )

    def close(self, seconds: float = 5.0) -> None:
        """Book what waits, for at most so long."""
        self._writer.close(seconds)

    def _entry(
        self,
        request: AIRequest,
        usage: Usage,
        now: float,
        *,
        cost: Decimal,
        saved: Decimal,
        value: Decimal | None,
        priced: bool,
    ) -> Entry:
        team, project = labels(request.team, request.project)
        at = request.timestamp
        return Entry(
            request_id=request.request_id,
            at=at if at is not None and 0 <= at < _LAST_MOMENT else now,
            provider=model_name(request.provider),
            model=model_name(request.model),
            team=team,
            project=project,
            currency=self._prices.currency,
            cost=cost,
            saved=saved,
            value=value or Decimal(0),
            priced=priced,
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
        )


def _value(request: AIRequest) -> Decimal | None:
    """None where nothing was told, or what is no amount."""
    if request.business_value is None:
        return None
    value = Decimal(str(request.business_value))
    return value if value.is_finite() and value >= 0 else None
