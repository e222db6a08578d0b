"""What a recorded request costs, by own prices and list prices."""

from dataclasses import dataclass, field

from ai_monitoring.collector.admission import Admission
from ai_monitoring.collector.technical import from_own_cache, usage_of
from ai_monitoring.llm.prices import Prices


@dataclass(frozen=True, slots=True)
class Cost:
    """Money in `currency`. `priced` is False for a model without a known price: such a request is not free."""

    total_cost: float = 0.0
    currency: str = ""
    priced: bool = False
    cache_savings: float = 0.0


@dataclass(frozen=True, slots=True)
class FinOpsReading:
    """What the request cost."""

    cost: Cost = field(default_factory=Cost)


class Pricing:
    """Prices requests; counts nothing, which the meter of calls does."""

    def __init__(self, prices: Prices) -> None:
        self._prices = prices

    def assess(self, admission: Admission) -> FinOpsReading:
        request = admission.request
        found = self._prices.cost(request.provider, (request.model,), usage_of(request))
        if found is None:
            return FinOpsReading(Cost(currency=self._prices.currency))
        if from_own_cache(request):
            return FinOpsReading(Cost(0.0, self._prices.currency, True, found.total))
        return FinOpsReading(Cost(found.total, self._prices.currency, True, found.saved))
