import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_monitoring.configuration import Configuration
from ai_monitoring.finops.budget import Scope
from ai_monitoring.finops.database import LedgerError, address
from ai_monitoring.finops.entry import MOST, Entry, billionths
from ai_monitoring.finops.ledger import Ledger, Sums

MakeEntry = Callable[..., Entry]
BOOK = """
import sys
import time
from decimal import Decimal
from ai_monitoring.finops.entry import Entry
from ai_monitoring.finops.ledger import Ledger
url, first, last, batch = sys.argv[1], *map(int, sys.argv[2:])
with Ledger(url) as ledger:
    for start in range(first, last, batch):
        new = ledger.book(*(
            Entry(request_id=f"r{n}", at=n, provider="openai", model="gpt-4o", team="t", project="p", currency="EUR",
                  cost=Decimal("0.0000001"))
            for n in range(start, min(start + batch, last))
        ))
        print(start, new, flush=True)
"""


def booking(url: str, first: int, last: int, batch: int) -> subprocess.Popen[str]:
    """A process that books requests of a tenth of a millionth each, and says so after each commit."""
    command = [sys.executable, "-c", BOOK, url, *map(str, (first, last, batch))]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_a_request_is_booked_once(ledger: Ledger, make_entry: MakeEntry) -> None:
    assert ledger.book(make_entry("a"), make_entry("b"), make_entry("a")) == 2
    assert ledger.book(make_entry("b", cost=Decimal(7)), make_entry("c")) == 1
    assert ledger.book() == 0
    assert ledger.spent(Scope.TEAM, "search", "EUR", 0, 900) == 3


def test_of_a_request_told_twice_at_once_the_first_counts(ledger: Ledger, make_entry: MakeEntry) -> None:
    ledger.book(make_entry("a", cost=Decimal(1)), make_entry("a", cost=Decimal(5)))
    assert ledger.spent(Scope.TEAM, "search", "EUR", 0, 900) == 1


def test_sums_are_exact(ledger: Ledger, make_entry: MakeEntry) -> None:
    ledger.book(*(make_entry(f"{n}", cost=Decimal("0.1"), saved=Decimal("0.000000001")) for n in range(1000)))
    (found,) = ledger.sums(("team",), 0, 900).values()
    assert found == Sums(1000, 0, Decimal(100), Decimal("0.000001"), Decimal(0), 0, 0)


def test_amounts_beyond_64_bits_in_all(ledger: Ledger, make_entry: MakeEntry) -> None:
    ledger.book(*(make_entry(f"{n}", at=900.0 * n, cost=MOST) for n in range(1200)))
    assert ledger.spent(Scope.MODEL, "gpt-4o", "EUR", 0, 900 * 1200) == 12_000_000_000


def test_by_scope_and_time(ledger: Ledger, make_entry: MakeEntry) -> None:
    ledger.book(
        make_entry("a", at=899.9, team="x"),
        make_entry("b", at=900, team="x", project="other"),
        make_entry("c", at=1800, team="y", model="m", priced=False, cost=Decimal(0)),
        make_entry("d", at=900, currency="USD"),
    )
    assert ledger.spent(Scope.TEAM, "x", "EUR", 0, 900) == 1
    assert ledger.spent(Scope.TEAM, "x", "EUR", 0, 1800) == 2
    assert ledger.spent(Scope.PROJECT, "other", "EUR", 900, 1800) == 1
    assert ledger.spent(Scope.MODEL, "m", "EUR", 0, 9000) == 0
    assert ledger.spent(Scope.TEAM, "nobody", "EUR", 0, 9000) == 0
    found = ledger.sums(("model", "currency"), 0, 9000)
    assert {key: (sums.calls, sums.unpriced) for key, sums in found.items()} == {
        ("gpt-4o", "EUR"): (2, 0),
        ("gpt-4o", "USD"): (1, 0),
        ("m", "EUR"): (1, 1),
    }
    assert ledger.sums((), 9000, 90_000) == {}


def test_what_was_booked_is_there_after_a_restart(url: str, make_entry: MakeEntry) -> None:
    for _ in range(2):
        with Ledger(url) as ledger:
            ledger.book(make_entry("a"))
            assert ledger.spent(Scope.TEAM, "search", "EUR", 0, 900) == 1


def test_a_request_that_is_forgotten_stays_in_the_sums(ledger: Ledger, make_entry: MakeEntry) -> None:
    ledger.book(make_entry("old", at=100), make_entry("new", at=200))
    assert ledger.forget(200) == 1
    assert ledger.spent(Scope.TEAM, "search", "EUR", 0, 900) == 2
    assert ledger.book(make_entry("new", at=200)) == 0


def test_neither_ids_nor_more_than_its_owner_can_read_the_file(url: str, ledger: Ledger, make_entry: MakeEntry) -> None:
    ledger.book(make_entry("ana@example.org"))
    path = Path(url.removeprefix("sqlite:///"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert b"ana@example" not in b"".join(file.read_bytes() for file in path.parent.iterdir())


def test_a_process_that_is_killed_loses_nothing_that_was_booked(url: str) -> None:
    with booking(url, 0, 1_000_000, 10) as process:
        assert process.stdout
        said = [process.stdout.readline() for _ in range(20)]
        os.kill(process.pid, signal.SIGKILL)
        said += process.stdout.readlines()
    assert len(said) >= 20
    with Ledger(url) as ledger:
        (sums,) = ledger.sums((), 0, 1e9).values()
        assert sums.calls % 10 == 0, "all of a batch, or none"
        # The last commit may not have been told any more.
        assert sums.calls - 10 * len(said) in (0, 10)
        assert sums.cost == sums.calls * Decimal("0.0000001")
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        assert connection.execute("SELECT count(*) FROM ai_ledger_entries").fetchone() == (sums.calls,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def test_processes_that_book_the_same_at_once_book_it_once(url: str) -> None:
    processes = [booking(url, first, first + 300, 7) for first in (0, 100, 200)]
    told = sum(int(line.split()[1]) for process in processes for line in process.communicate()[0].splitlines())
    assert [process.returncode for process in processes] == [0, 0, 0]
    with Ledger(url) as ledger:
        (sums,) = ledger.sums((), 0, 1e9).values()
    assert told == sums.calls == 500
    assert sums.cost == Decimal("0.00005")


def test_threads_may_share_it(ledger: Ledger, make_entry: MakeEntry) -> None:
    with ThreadPoolExecutor(8) as pool:
        new = list(pool.map(lambda n: ledger.book(make_entry(f"{n // 2}")), range(80)))
    assert sum(new) == 40
    assert ledger.spent(Scope.TEAM, "search", "EUR", 0, 900) == 40


@given(st.decimals(allow_nan=True, allow_infinity=True))
def test_any_amount_is_a_whole_number_of_billionths(amount: Decimal) -> None:
    assert 0 <= billionths(amount) <= MOST * 10**9


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("nonsense", "is no URL such as sqlite:"),
        ("postgresql+psycopg://u:1@secret:2@host:5432/d", "is no URL such as .* write @ as %40"),
        ("zzz://u:secret@host/d", "its driver is not installed"),
        ("sqlite:////proc/no/ledger.db", "cannot be made"),
        ("postgresql+psycopg://u:secret@127.0.0.1:1/d?connect_timeout=2", "does not answer"),
    ],
)
def test_a_ledger_that_cannot_be_used_says_so_without_its_password(url: str, message: str) -> None:
    with pytest.raises(LedgerError, match=message) as raised:
        Ledger(url)
    assert "secret" not in str(raised.value)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    file.write_text("not a database, but long enough to be looked at as one" * 100)
    with pytest.raises(LedgerError, match="file is not a database"):
        Ledger(f"sqlite:///{file}")


def test_where_it_lies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AI_MONITORING_LEDGER", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", "/state")
    assert address(Configuration()) == "sqlite:////state/ai-monitoring/ledger.db"
    assert address(Configuration(ledger="sqlite:///a.db")) == "sqlite:///a.db"
    monkeypatch.setenv("AI_MONITORING_LEDGER", "sqlite:///b.db")
    assert address(Configuration(ledger="sqlite:///a.db")) == "sqlite:///b.db"


DAEMON = """
import os, sys, time
from decimal import Decimal
from pathlib import Path
from ai_monitoring.finops.entry import Entry
from ai_monitoring.finops.ledger import Ledger

def entry(name):
    return Entry(request_id=name, at=0, provider="p", model="m", team="t", project="p", currency="EUR", cost=Decimal(1))

ledger = Ledger(sys.argv[1])
ledger.book(entry("parent"))
if os.fork():
    os._exit(0)
time.sleep(0.5)
for number in range(30):
    ledger.book(entry(f"child {number}"))
    time.sleep(0.02)
Path(sys.argv[2]).touch()
"""


def test_a_child_that_outlives_its_parent_loses_nothing(
    url: str, ledger: Ledger, make_entry: MakeEntry, tmp_path: Path
) -> None:
    done = tmp_path / "done"
    subprocess.run([sys.executable, "-c", DAEMON, url, str(done)], check=True, timeout=60)
    others = 0
    while not done.exists():
        others += ledger.book(make_entry(f"other {others}"))
        ledger.close()
        time.sleep(0.02)
    assert ledger.sums((), 0, 900)[()].calls == 1 + 30 + others
