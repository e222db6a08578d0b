"""The exporter over a real ledger, scraped as Prometheus would."""

from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2
import pytest
from exporters.spend.app import exporter
from exporters.spend.reader import Reader
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from ai_monitoring.configuration import Configuration
from ai_monitoring.finops.budget import Budget, Period, Scope
from ai_monitoring.finops.entry import Entry
from ai_monitoring.finops.gaps import Gap, keep
from ai_monitoring.finops.ledger import Ledger

Scrape = Callable[[], Awaitable[dict[tuple[str, ...], float]]]
UP = ("ai_monitoring_exporter_up", "spend")
BUDGETS = (
    Budget(Scope.TEAM, "search", Period.DAY, Decimal(10)),
    Budget(Scope.MODEL, "gpt-4o", Period.MONTH, Decimal("0.5")),
)
SEARCH, MODEL = ("EUR", "search", "day", "team"), ("EUR", "gpt-4o", "month", "model")
NOON = datetime(2026, 11, 16, 12, tzinfo=UTC).timestamp()


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'ledger.db'}"


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    with Ledger(url) as made:
        yield made


def entry(request_id: str, **changed: Any) -> Entry:
    whole: dict[str, Any] = {"at": NOON, "provider": "openai", "model": "gpt-4o", "team": "search", "project": "chat"}
    return Entry(request_id=request_id, **{**whole, "currency": "EUR", "cost": Decimal("0.25"), **changed})


class Clock(Reader):
    """A reader whose time stands still."""

    now = NOON

    def read(self, now: float | None = None) -> Any:
        return super().read(self.now)


@pytest.fixture
def scrape(url: str) -> Iterator[Scrape]:
    """Scrapes one exporter again and again: values by name and label values."""
    reader = Clock(Configuration("EUR", budgets=BUDGETS), url, 90)
    transport = httpx2.ASGITransport(app=exporter(reader, CollectorRegistry(), cache_seconds=0))

    async def ask() -> dict[tuple[str, ...], float]:
        async with httpx2.AsyncClient(transport=transport, base_url="http://spend") as client:
            answer = await client.get("/metrics")
        assert answer.status_code == 200
        return {
            (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
            for family in text_string_to_metric_families(answer.text)
            for sample in family.samples
        }

    yield ask
    reader.close()


async def test_of_an_empty_ledger_budgets_are_whole(scrape: Scrape) -> None:
    found = await scrape()
    assert found == {
        UP: 1,
        ("ai_budget_limit", *SEARCH): 10,
        ("ai_budget_limit", *MODEL): 0.5,
        ("ai_budget_spent", *SEARCH): 0,
        ("ai_budget_spent", *MODEL): 0,
        ("ai_budget_forecast", *SEARCH): 0,
        ("ai_budget_forecast", *MODEL): 0,
    }
    assert "-" not in "".join(map(str, found.values())), "no negative zero"


async def test_what_every_process_booked_is_there_at_the_next_scrape(scrape: Scrape, ledger: Ledger, url: str) -> None:
    ledger.book(entry("a", value=Decimal(1)), entry("b", at=NOON - 86_400))
    with Ledger(url) as other:
        other.book(entry("c", team="other"))
    found = await scrape()
    assert found["ai_budget_spent", *SEARCH] == 0.25
    assert found["ai_budget_spent", *MODEL] == 0.75
    assert found["ai_budget_forecast", *SEARCH] == 0.25 + 0.5 * (0.5 * 0.5 + 0.5 * 0.25)
    assert found["ai_business_value_total", "EUR", "chat"] == 1
    assert found["ai_roi_ratio", "chat"] == pytest.approx(0.25 / 0.75)
    ledger.book(entry("d", value=Decimal(2)))
    assert (await scrape())["ai_business_value_total", "EUR", "chat"] == 3


async def test_value_that_is_old_still_counts(scrape: Scrape, ledger: Ledger) -> None:
    ledger.book(*(entry(f"{days}", at=NOON - days * 86_400, value=Decimal(1)) for days in (0, 1, 2, 3, 40)))
    assert (await scrape())["ai_business_value_total", "EUR", "chat"] == 5
    assert (await scrape())["ai_business_value_total", "EUR", "chat"] == 5


async def test_requests_are_forgotten_after_their_days_and_their_money_is_not(scrape: Scrape, ledger: Ledger) -> None:
    old = entry("a", at=NOON - 91 * 86_400)
    ledger.book(old)
    await scrape()
    assert ledger.book(old) == 1, "it is not known any more"
    assert ledger.spent(Scope.TEAM, "search", "EUR", 0, NOON) == Decimal("0.5")


async def test_another_currency_is_no_part_of_a_budget(scrape: Scrape, ledger: Ledger) -> None:
    ledger.book(entry("a", currency="USD"))
    assert (await scrape())["ai_budget_spent", *SEARCH] == 0


async def test_the_last_reconciliation(scrape: Scrape, ledger: Ledger) -> None:
    keep(ledger, Gap("openai", "EUR", Decimal(9), Decimal(9), 1000.0))
    keep(ledger, Gap("openai", "EUR", Decimal(9), Decimal(10), 2000.0))
    found = await scrape()
    assert found["ai_reconciliation_gap_ratio", "openai"] == pytest.approx(0.1)
    assert found["ai_reconciliation_timestamp_seconds", "openai"] == 2000


async def test_a_ledger_that_is_away_and_back(scrape: Scrape, tmp_path: Path) -> None:
    (tmp_path / "ledger.db").mkdir()
    assert await scrape() == {UP: 0}
    (tmp_path / "ledger.db").rmdir()
    assert (await scrape())[UP] == 1


async def test_health(url: str) -> None:
    app = exporter(Reader(Configuration(), url, 90), CollectorRegistry())
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://spend") as client:
        assert (await client.get("/health")).json()["status"] == "ok"
