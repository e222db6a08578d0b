"""The ledger: every request's money, booked once, in SQLite or whatever SQLAlchemy speaks to."""

import random
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from decimal import Decimal
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, Table, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, SQLAlchemyError

from ai_monitoring.finops.budget import Scope
from ai_monitoring.finops.database import LedgerError, open_engine, shown
from ai_monitoring.finops.entry import NANO, Entry
from ai_monitoring.finops.tables import ENTRIES, GROUP, METADATA, QUARTER, SUMS, TOTALS
from ai_monitoring.sqlite_files import Forkable

_TRIES = 8
_WHOLE = 10**9


@dataclass(frozen=True, slots=True)
class Sums:
    """What some of the ledger adds up to; amounts in its currency."""

    calls: int = 0
    unpriced: int = 0
    cost: Decimal = Decimal(0)
    saved: Decimal = Decimal(0)
    value: Decimal = Decimal(0)
    input_tokens: int = 0
    output_tokens: int = 0


class Ledger(Forkable):
    """The ledger at a SQLAlchemy URL (database.address says which), made where it is not there. Use it from any thread,
    and from several processes and hosts at once. Every method raises LedgerError where the database does not answer.
    """

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url)
        self._url = url
        self._is_sqlite = self._engine.dialect.name == "sqlite"
        super().__init__()
        self._make_tables()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        with self._held():
            self._engine.dispose()

    def leave(self) -> None:
        self._engine.dispose(close=False)

    def book(self, *entries: Entry) -> int:
        """Book those whose request is not booked yet, all or none of them. Returns how many are new. What is booked is
        on the disk when this returns.
        """
        unique = {entry.key: entry for entry in reversed(entries)}
        for attempt in range(_TRIES):
            try:
                return self._booked(unique)
            except (IntegrityError, OperationalError) as error:
                # Another process has booked the same at the same time, or holds the rows that this one wants.
                if attempt == _TRIES - 1:
                    raise self._error(error) from error
                time.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311 - not a secret
            except SQLAlchemyError as error:
                raise self._error(error) from error
        return 0

    def spent(self, scope: Scope, name: str, currency: str, start: float, end: float) -> Decimal:
        """Money of a team, project or model from `start` to before `end`, in Unix seconds of full quarter hours."""
        where = {str(scope): name, "currency": currency}
        found = self.sums((), start, end, where)
        return found[()].cost if found else Decimal(0)

    def sums(
        self, by: Sequence[str], start: float, end: float, where: Mapping[str, str] | None = None
    ) -> dict[tuple[Any, ...], Sums]:
        """Sums by columns of `totals` (quarter, provider, model, team, project, currency), of those that equal `where`,
        from `start` to before `end`; without `by` all in one. Amounts of several currencies are never added up, so name
        the currency in `by` or `where`.
        """
        columns = [TOTALS.c[name] for name in by]
        # In two halves, since a sum of billionths may be more than 64 bits hold.
        halves = [half(TOTALS.c[name]) for name in SUMS for half in (_whole, _rest)]
        query = select(*columns, *halves).where(TOTALS.c.quarter >= _quarter(start), TOTALS.c.quarter < _quarter(end))
        for name, value in (where or {}).items():
            query = query.where(TOTALS.c[name] == value)
        rows = self.rows(query.group_by(*columns) if columns else query)
        return {tuple(row[: len(by)]): _sums(row[len(by) :]) for row in rows if row[len(by)] is not None}

    def forget(self, before: float) -> int:
        """Delete entries of requests before that Unix time; their totals stay. Returns how many entries those were. A
        request that comes again after that is booked again.
        """
        try:
            with self._transaction() as connection:
                return connection.execute(delete(ENTRIES).where(ENTRIES.c.at < int(before * 1000))).rowcount
        except SQLAlchemyError as error:
            raise self._error(error) from error

    def replace(self, table: Table, where: Mapping[str, str], values: Mapping[str, Any]) -> None:
        """Put a row in place of those that equal `where`."""
        try:
            with self._transaction() as connection:
                connection.execute(delete(table).where(*(table.c[name] == value for name, value in where.items())))
                connection.execute(insert(table), dict(values))
        except SQLAlchemyError as error:
            raise self._error(error) from error

    def _booked(self, unique: Mapping[str, Entry]) -> int:
        with self._transaction() as connection:
            known = select(ENTRIES.c.request).where(ENTRIES.c.request.in_(list(unique)))
            new = sorted(unique.keys() - {request for (request,) in connection.execute(known)})
            if new:
                connection.execute(insert(ENTRIES), [_row(key, unique[key]) for key in new])
                _add_up(connection, [unique[key] for key in new])
        return len(new)

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with self._held(), self._engine.begin() as connection:
            if self._is_sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection

    def _held(self) -> AbstractContextManager[Any]:
        """A fork waits for what SQLite does, not for a server."""
        return self.alone if self._is_sqlite else nullcontext()

    def rows(self, query: Any) -> list[Any]:
        """The answer to a query of the ledger's tables."""
        try:
            with self._held(), self._engine.connect() as connection:
                return list(connection.execute(query).all())
        except SQLAlchemyError as error:
            raise self._error(error) from error

    def _make_tables(self) -> None:
        """Of several processes that start at once, each may be the first with one table and too late with the next."""
        for left in reversed(range(1 + len(METADATA.tables))):
            try:
                with self._held():
                    METADATA.create_all(self._engine)
                break
            except SQLAlchemyError as error:
                if not left:
                    raise self._error(error) from error

    def _error(self, error: SQLAlchemyError) -> LedgerError:
        why = error.orig if isinstance(error, DBAPIError) else error
        return LedgerError(f"The ledger {shown(self._url)} does not answer: {str(why).strip()}")


def _add_up(connection: Connection, entries: Iterable[Entry]) -> None:
    """In the order of their keys, so that two processes never wait for each other."""
    totals: dict[tuple[Any, ...], Counter[str]] = {}
    for entry in entries:
        key = (_quarter(entry.at), entry.provider, entry.model, entry.team, entry.project, entry.currency)
        totals.setdefault(key, Counter()).update(entry.sums())
    for key in sorted(totals):
        values = {f"n_{name}": totals[key][name] for name in SUMS}
        where = {f"k_{name}": value for name, value in zip(GROUP, key, strict=True)}
        if not connection.execute(_ADD, {**values, **where}).rowcount:
            added = {name: totals[key][name] for name in SUMS}
            connection.execute(insert(TOTALS), {**dict(zip(GROUP, key, strict=True)), **added})


_ADD = (
    update(TOTALS)
    .where(*(TOTALS.c[name] == bindparam(f"k_{name}") for name in GROUP))
    .values({name: TOTALS.c[name] + bindparam(f"n_{name}") for name in SUMS})
)


def _row(key: str, entry: Entry) -> dict[str, Any]:
    sums = entry.sums()
    del sums["calls"]
    whose = {name: getattr(entry, name) for name in GROUP[1:]}
    return {"request": key, "at": int(entry.at * 1000), **whose, **sums}


def _quarter(at: float) -> int:
    return int(at // QUARTER)


def _whole(column: Any) -> Any:
    return func.sum(column // _WHOLE)


def _rest(column: Any) -> Any:
    return func.sum(column % _WHOLE)


def _sums(halves: Sequence[Any]) -> Sums:
    numbers = [int(whole) * _WHOLE + int(rest) for whole, rest in zip(halves[::2], halves[1::2], strict=True)]
    found: dict[str, Any] = dict(zip(SUMS, numbers, strict=True))
    return Sums(**{**found, **{name: found[name] * NANO for name in ("cost", "saved", "value")}})
