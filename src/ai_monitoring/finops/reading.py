"""What FinOps says of one request."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from ai_monitoring.finops.budget import Budget
from ai_monitoring.finops.forecast import forecast


@dataclass(frozen=True, slots=True)
class CostReading:
    """Money in `currency`, exact. `by_type` is by kind of token (input, output, cache_read, cache_write) and `call`.
    Without a known price `priced` is False, and the total 0.
    """

    total_cost: Decimal = Decimal(0)
    by_type: Mapping[str, Decimal] = field(default_factory=dict)
    currency: str = ""
    priced: bool = False


@dataclass(frozen=True, slots=True)
class BudgetReading:
    """A budget that runs from `start` to before `end` (Unix seconds) as it stands at `at`; amounts in `currency`.
    `previous` is what the period before it spent in all.
    """

    budget: Budget
    currency: str
    spent: Decimal
    previous: Decimal
    start: float
    end: float
    at: float

    @property
    def limit(self) -> Decimal:
        return self.budget.limit

    @property
    def exceeded(self) -> bool:
        return self.spent > self.limit

    @property
    def forecast(self) -> Decimal:
        return forecast(self.spent, self.previous, (self.at - self.start) / (self.end - self.start))


@dataclass(frozen=True, slots=True)
class CheaperModel:
    """A model that would have cost less, and by how much. `basis` says what that rests on; quality is not compared."""

    model: str
    cost: Decimal
    saving: Decimal
    basis: str


@dataclass(frozen=True, slots=True)
class FinOpsReading:
    """Money of one request. `cache_savings` is what the provider's prompt cache saved, or an answer from a cache of
    the application's own, which costs nothing. `roi` is (value - cost) / cost; None without a value or a cost.
    """

    cost: CostReading = CostReading()
    team: str = ""
    project: str = ""
    model: str = ""
    budgets: tuple[BudgetReading, ...] = ()
    business_value: Decimal | None = None
    roi: float | None = None
    cache_savings: Decimal = Decimal(0)
    cheaper: CheaperModel | None = None
