"""How the budgets stand, as one process sees them: what the ledger said last, and what was not in it yet."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import tzinfo
from decimal import Decimal
from threading import Lock

from ai_monitoring.configuration import Configuration
from ai_monitoring.finops.budget import Budget, Scope, zone
from ai_monitoring.finops.entry import Entry
from ai_monitoring.finops.ledger import Ledger
from ai_monitoring.finops.reading import BudgetReading


@dataclass(slots=True)
class _Account:
    """One budget in its period: `booked` and `previous` by the ledger; `unseen` is what came since it was asked, of
    which `settled` is in the ledger by now.
    """

    budget: Budget
    start: float = 0.0
    end: float = 0.0
    booked: Decimal = Decimal(0)
    previous: Decimal = Decimal(0)
    unseen: Decimal = Decimal(0)
    settled: Decimal = Decimal(0)

    def holds(self, at: float) -> bool:
        return self.start <= at < self.end


class Tally:
    """The budgets of a configuration. Use it from any thread; `refresh` from one."""

    def __init__(self, configuration: Configuration) -> None:
        self._zone = zone(configuration.time_zone)
        self._currency = configuration.currency
        self.unlock()
        self._accounts: dict[tuple[Scope, str], list[_Account]] = {}
        for budget in configuration.budgets:
            self._accounts.setdefault((budget.scope, budget.name), []).append(_Account(budget))

    def unlock(self) -> None:
        """Also in a child process, whose parent may have held the lock."""
        self._lock = Lock()

    def __bool__(self) -> bool:
        return bool(self._accounts)

    def add(self, entry: Entry, now: float, *, new: bool = True) -> tuple[BudgetReading, ...]:
        """Count an entry that is on its way to the ledger, where it is new; how the budgets stand that it touches."""
        with self._lock:
            return tuple(self._added(account, entry, now, new) for account in self._touched(entry))

    def settle(self, entries: Iterable[Entry]) -> None:
        """Say that these are in the ledger, or will never be."""
        with self._lock:
            for entry in entries:
                for account in self._touched(entry):
                    if account.holds(entry.at):
                        account.settled += entry.cost

    def refresh(self, ledger: Ledger, now: float) -> None:
        """Ask the ledger, which other processes write to as well. Raises LedgerError."""
        for account in [account for accounts in self._accounts.values() for account in accounts]:
            reading = read(account.budget, self._currency, ledger, now, self._zone)
            with self._lock:
                self._turn(account, now)
                account.booked, account.previous = reading.spent, reading.previous
                account.unseen -= account.settled
                account.settled = Decimal(0)

    def _touched(self, entry: Entry) -> list[_Account]:
        names = ((Scope.TEAM, entry.team), (Scope.PROJECT, entry.project), (Scope.MODEL, entry.model))
        return [account for key in names for account in self._accounts.get(key, ())]

    def _added(self, account: _Account, entry: Entry, now: float, new: bool) -> BudgetReading:
        self._turn(account, now)
        if new and account.holds(entry.at):
            account.unseen += entry.cost
        return BudgetReading(
            account.budget,
            self._currency,
            account.booked + account.unseen,
            account.previous,
            account.start,
            account.end,
            now,
        )

    def _turn(self, account: _Account, now: float) -> None:
        """Begin the period that holds `now`, when the last one has ended."""
        if account.holds(now):
            return
        start, end = account.budget.period.bounds(now, self._zone)
        ended = start == account.end
        account.previous = account.booked + account.unseen if ended else Decimal(0)
        account.start, account.end = start, end
        account.booked = account.unseen = account.settled = Decimal(0)


def read(budget: Budget, currency: str, ledger: Ledger, now: float, zone_: tzinfo) -> BudgetReading:
    """A budget by the ledger alone. Raises LedgerError."""
    start, end = budget.period.bounds(now, zone_)
    before, _ = budget.period.bounds(start - 1, zone_)
    spent = ledger.spent(budget.scope, budget.name, currency, start, end)
    previous = ledger.spent(budget.scope, budget.name, currency, before, start)
    return BudgetReading(budget, currency, spent, previous, start, end, now)
