"""Reads of the ledger what is exposed."""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from ai_monitoring.configuration import Configuration
from ai_monitoring.finops.budget import Period, zone
from ai_monitoring.finops.database import LedgerError
from ai_monitoring.finops.gaps import Gap, gaps
from ai_monitoring.finops.ledger import Ledger
from ai_monitoring.finops.reading import BudgetReading
from ai_monitoring.finops.tally import read

logger = logging.getLogger("exporters.spend")

MOST_PROJECTS: Final = 1000
_DAY = 86_400.0
_SETTLED = 2 * _DAY
"""Requests are booked within seconds: what is older is added up once a day."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the ledger said: `values` by project and currency, `roi` by project. An incomplete one says nothing."""

    complete: bool = False
    budgets: tuple[BudgetReading, ...] = ()
    values: Mapping[tuple[str, str], Decimal] = field(default_factory=dict)
    roi: Mapping[str, float] = field(default_factory=dict)
    gaps: tuple[Gap, ...] = ()


class Reader:
    """Reads the ledger at `url`, opened at the first reading that succeeds; entries older than `days` are forgotten."""

    def __init__(self, configuration: Configuration, url: str, days: float) -> None:
        self._configuration = configuration
        self._url = url
        self._days = days
        self._zone = zone(configuration.time_zone)
        self._ledger: Ledger | None = None
        self._older: dict[tuple[str, str], Decimal] = {}
        self._older_until = 0.0

    def read(self, now: float | None = None) -> Reading:
        """Everything, or an incomplete reading where the ledger does not answer."""
        try:
            self._ledger = self._ledger or Ledger(self._url)
            return self._read(self._ledger, time.time() if now is None else now)
        except LedgerError as error:
            logger.error("%s", error)
            return Reading()

    def close(self) -> None:
        if self._ledger is not None:
            self._ledger.close()

    def _read(self, ledger: Ledger, now: float) -> Reading:
        currency = self._configuration.currency
        if now - self._older_until > _SETTLED + _DAY:
            ledger.forget(now - self._days * _DAY)
            self._older_until = (now - _SETTLED) // _DAY * _DAY
            self._older = _values(ledger, 0, self._older_until)
        recent = _values(ledger, self._older_until, now + _DAY)
        return Reading(
            True,
            tuple(read(budget, currency, ledger, now, self._zone) for budget in self._configuration.budgets),
            {key: self._older.get(key, Decimal(0)) + recent.get(key, Decimal(0)) for key in {**self._older, **recent}},
            _roi(ledger, currency, *Period.MONTH.bounds(now, self._zone)),
            tuple(gaps(ledger)),
        )


def _values(ledger: Ledger, start: float, end: float) -> dict[tuple[str, str], Decimal]:
    found = ledger.sums(("project", "currency"), start, end)
    told = [(project, currency) for (project, currency), sums in sorted(found.items()) if sums.value > 0]
    return {key: found[key].value for key in told[:MOST_PROJECTS]}


def _roi(ledger: Ledger, currency: str, start: float, end: float) -> dict[str, float]:
    found = ledger.sums(("project",), start, end, {"currency": currency})
    told = [(project, sums) for (project,), sums in sorted(found.items()) if sums.value > 0 and sums.cost > 0]
    return {project: float((sums.value - sums.cost) / sums.cost) for project, sums in told[:MOST_PROJECTS]}
