"""Compares a provider's export with the ledger, by day and model."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from ai_monitoring.configuration import Configuration
from ai_monitoring.finops.export_file import Export, ExportError, Line
from ai_monitoring.finops.gaps import Gap
from ai_monitoring.finops.ledger import Ledger
from ai_monitoring.finops.tables import QUARTER
from ai_monitoring.llm.prices import Prices
from ai_monitoring.llm.usage import Usage

ALL = "all models"
"""In the place of a model where the export tells none."""

_DATE = re.compile(r"-(\d{8}|\d{4}-\d{2}-\d{2}|latest)$")
_THOUSAND_EACH = Usage(3000, 1000, 1000, 1000)
_Key = tuple[date, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Row:
    """One day (UTC) of one model; amounts in the configured currency."""

    day: date
    model: str
    booked: Decimal
    billed: Decimal

    @property
    def gap(self) -> Decimal:
        return self.billed - self.booked


@dataclass(frozen=True, slots=True)
class Comparison:
    """Rows by day and model, and the whole. `unpriced` are models of a usage export whose price is not known."""

    rows: tuple[Row, ...]
    whole: Gap
    unpriced: tuple[str, ...]


def reconcile(export: Export, ledger: Ledger, configuration: Configuration, now: float) -> Comparison:
    """The export beside what the ledger has for its days. Raises ExportError for a currency without an exchange rate,
    LedgerError.
    """
    by_model = any(line.model for line in export.lines)
    billing = _Billing(export.provider, configuration)
    billed: dict[_Key, Decimal] = defaultdict(Decimal)
    names: dict[tuple[str, ...], str] = {}
    for line in export.lines:
        key = _key(line.model) if by_model else ()
        names.setdefault(key, _name(line.model) if by_model else ALL)
        billed[line.day, key] += billing.amount(line)
    booked = _booked(ledger, export, configuration.currency, names, by_model=by_model)
    rows = [
        Row(day, names[key], booked.get((day, key), Decimal(0)), billed.get((day, key), Decimal(0)))
        for day, key in sorted({*billed, *booked})
    ]
    sums = sum((row.booked for row in rows), Decimal(0)), sum((row.billed for row in rows), Decimal(0))
    whole = Gap(export.provider, configuration.currency, *sums, now)
    return Comparison(tuple(rows), whole, tuple(sorted(billing.unpriced)))


class _Billing:
    """Lines in the configured currency; tokens at the prices of today, and of prompts of ordinary length."""

    def __init__(self, provider: str, configuration: Configuration) -> None:
        self._provider = provider
        self._currency = configuration.currency
        self._rates = configuration.exchange_rates
        self._prices = Prices(configuration)
        self.unpriced: set[str] = set()

    def amount(self, line: Line) -> Decimal:
        if line.amount is None:
            return self._priced(line.model, line.tokens)
        if line.currency == self._currency:
            return line.amount
        if line.currency not in self._rates:
            raise ExportError(f"It is in {line.currency}, and monitoring.yaml has no exchange_rates.{line.currency}")
        return line.amount * self._rates[line.currency]

    def _priced(self, model: str, tokens: Mapping[str, int]) -> Decimal:
        bill = self._prices.bill(self._provider, (model,), _THOUSAND_EACH)
        if bill is None:
            self.unpriced.add(model)
            return Decimal(0)
        return sum((count * bill.by_type[kind] / 1000 for kind, count in tokens.items()), Decimal(0))


def _booked(
    ledger: Ledger, export: Export, currency: str, names: dict[tuple[str, ...], str], *, by_model: bool
) -> dict[_Key, Decimal]:
    days = [line.day for line in export.lines]
    if not days:
        return {}
    start, end = _midnight(min(days)), _midnight(max(days) + timedelta(days=1))
    where = {"provider": export.provider, "currency": currency}
    booked: dict[_Key, Decimal] = defaultdict(Decimal)
    for (quarter, model), sums in ledger.sums(("quarter", "model"), start, end, where).items():
        key = _key(model) if by_model else ()
        names.setdefault(key, model)
        booked[datetime.fromtimestamp(quarter * QUARTER, UTC).date(), key] += sums.cost
    return booked


def _midnight(day: date) -> float:
    return datetime.combine(day, time(), UTC).timestamp()


def _name(model: str) -> str:
    """Without what it was used for: OpenAI's line items say `gpt-4o, input`."""
    return model.partition(",")[0].strip() or ALL


def _key(model: str) -> tuple[str, ...]:
    """What `Claude Haiku 4.5` and `claude-haiku-4-5-20251001` have in common."""
    plain = re.sub(r"[ .]", "-", _name(model).lower())
    return tuple(sorted(_DATE.sub("", plain).split("-")))
