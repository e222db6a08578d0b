"""The ledger on a real PostgreSQL server that several processes share."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal

import pytest
from postgres_server import Server, running

from ai_monitoring.finops.budget import Scope
from ai_monitoring.finops.database import LedgerError
from ai_monitoring.finops.entry import MOST, Entry
from ai_monitoring.finops.gaps import Gap, gaps, keep
from ai_monitoring.finops.ledger import Ledger

BOOK = """
import sys
from decimal import Decimal
from ai_monitoring.finops.entry import Entry
from ai_monitoring.finops.ledger import Ledger
url, first, last, batch = sys.argv[1], *map(int, sys.argv[2:])
with Ledger(url) as ledger:
    for start in range(first, last, batch):
        print(ledger.book(*(
            Entry(request_id=f"r{n}", at=n, provider="openai", model=f"m{n % 7}", team="t", project="p",
                  currency="EUR", cost=Decimal("0.1"))
            for n in range(start, min(start + batch, last))
        )), flush=True)
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running() as server:
        server.sql("GRANT ALL ON SCHEMA public TO app")
        yield server


@pytest.fixture
def url(server: Server) -> Iterator[str]:
    yield f"postgresql+psycopg://app@/app?host={server.folder}"
    server.sql("DROP TABLE IF EXISTS ai_ledger_entries, ai_ledger_totals, ai_ledger_gaps")


def booking(url: str, first: int, last: int, batch: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", BOOK, url, *map(str, (first, last, batch))]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_processes_that_book_the_same_at_once_book_it_once(url: str) -> None:
    processes = [booking(url, first, first + 300, 7) for first in (0, 100, 200)]
    told = sum(int(line) for process in processes for line in process.communicate()[0].splitlines())
    assert [process.returncode for process in processes] == [0, 0, 0]
    with Ledger(url) as ledger:
        assert told == ledger.sums((), 0, 1e9)[()].calls == 500
        assert ledger.spent(Scope.TEAM, "t", "EUR", 0, 900) == 50


def test_a_process_that_is_killed_loses_nothing_that_was_booked(url: str) -> None:
    with booking(url, 0, 1_000_000, 10) as process:
        assert process.stdout
        said = [process.stdout.readline() for _ in range(20)]
        os.kill(process.pid, signal.SIGKILL)
        said += process.stdout.readlines()
    with Ledger(url) as ledger:
        calls = ledger.sums((), 0, 1e9)[()].calls
    assert calls - 10 * len(said) in (0, 10)


def test_amounts_are_exact_and_gaps_are_kept(url: str) -> None:
    with Ledger(url) as ledger:
        entry = Entry(
            request_id="a", at=0, provider="p", model="m", team="t", project="p", currency="EUR", cost=Decimal("1e-9")
        )
        assert [ledger.book(entry), ledger.book(entry)] == [1, 0]
        ledger.book(
            *(
                Entry(
                    request_id=f"{n}", at=n, provider="p", model="m", team="t", project="p", currency="EUR", cost=MOST
                )
                for n in range(500)
            )
        )
        assert ledger.spent(Scope.MODEL, "m", "EUR", 0, 900) == 500 * MOST + Decimal("1e-9")
        assert ledger.forget(1e9) == 501
        keep(ledger, Gap("p", "EUR", Decimal(9), Decimal(10), 5.0))
        assert list(gaps(ledger)) == [Gap("p", "EUR", Decimal(9), Decimal(10), 5.0)]


def test_a_server_that_goes_and_comes_back(server: Server, url: str) -> None:
    with Ledger(url) as ledger:
        server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'", database="postgres")
        assert ledger.sums((), 0, 1e9) == {}, "a connection that was cut is made anew"
        server.sql("ALTER ROLE app NOLOGIN")
        server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'", database="postgres")
        with pytest.raises(LedgerError, match="does not answer"):
            ledger.sums((), 0, 1e9)
        server.sql("ALTER ROLE app LOGIN")
        assert ledger.sums((), 0, 1e9) == {}
