import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry
from waiting import until

from ai_monitoring.collector.request import AIRequest
from ai_monitoring.configuration import Configuration, Price
from ai_monitoring.finops import writer
from ai_monitoring.finops.assessment import FinOps
from ai_monitoring.finops.budget import Budget, Period, Scope
from ai_monitoring.finops.entry import Entry
from ai_monitoring.finops.ledger import Ledger, Sums
from ai_monitoring.finops.reading import FinOpsReading

OWN = {
    "own": {
        "big": Price(Decimal(30), Decimal(60), Decimal(3), Decimal(40), "EUR"),
        "small": Price(Decimal(1), Decimal(2), currency="EUR"),
    }
}


def request(request_id: str = "r", **changed: Any) -> AIRequest:
    whole: dict[str, Any] = {"provider": "own", "model": "big", "input_tokens": 1000, "output_tokens": 100, "team": "t"}
    return AIRequest(request_id=request_id, **{**whole, **changed})


@pytest.fixture
def configuration(url: str) -> Configuration:
    """Euros, a price of our own, and a budget of a euro for the team t in each period."""
    budgets = tuple(Budget(Scope.TEAM, "t", period, Decimal(1)) for period in Period)
    return Configuration("EUR", {"USD": Decimal("0.9")}, OWN, budgets=budgets, ledger=url)


@contextmanager
def running(configuration: Configuration, registry: CollectorRegistry | None = None) -> Iterator[FinOps]:
    finops = FinOps(configuration, registry or CollectorRegistry())
    try:
        yield finops
    finally:
        finops.close()


def booked(configuration: Configuration) -> Sums:
    with Ledger(configuration.ledger) as ledger:
        return ledger.sums((), 0, 1e11).get((), Sums())


def outcomes(registry: CollectorRegistry) -> dict[str, float]:
    name = "ai_monitoring_ledger_entries_total"
    return {one: registry.get_sample_value(name, {"outcome": one}) or 0 for one in ("booked", "known", "lost")}


def test_what_a_request_costs_by_kind_of_token(configuration: Configuration) -> None:
    with running(configuration) as finops:
        cost = finops.assess(request(cache_read_tokens=500, cache_write_tokens=100)).cost
    # 400 at 30, 500 at 3, 100 at 40, 100 at 60 a million
    assert cost.by_type == {
        "input": Decimal("0.012"),
        "output": Decimal("0.006"),
        "cache_read": Decimal("0.0015"),
        "cache_write": Decimal("0.004"),
        "call": 0,
    }
    assert (cost.total_cost, cost.currency, cost.priced) == (Decimal("0.0235"), "EUR", True)


def test_list_prices_are_in_the_configured_currency(configuration: Configuration) -> None:
    with running(configuration) as finops:
        reading = finops.assess(request(provider="openai", model="gpt-4"))
    assert reading.cost.total_cost == Decimal("0.0324")  # (1000 x 30 + 100 x 60) millionths of a dollar, at 0.9


def test_a_model_without_a_price_is_unpriced_not_free(configuration: Configuration) -> None:
    with running(configuration) as finops:
        reading = finops.assess(request(model="unheard-of"))
    assert (reading.cost.priced, reading.cheaper) == (False, None)
    assert reading.cost.total_cost == 0
    assert (booked(configuration).calls, booked(configuration).unpriced) == (1, 1)


def test_an_answer_from_the_applications_cache_costs_nothing_and_saves_all(configuration: Configuration) -> None:
    with running(configuration) as finops:
        reading = finops.assess(request(cache_hit=True))
    assert (reading.cost.total_cost, reading.cost.priced, reading.cache_savings) == (Decimal(0), True, Decimal("0.036"))
    assert booked(configuration).saved == Decimal("0.036")


def test_the_providers_cache_saves_what_reading_it_costs_less(configuration: Configuration) -> None:
    with running(configuration) as finops:
        assert finops.assess(request("a", cache_read_tokens=500)).cache_savings == Decimal("0.0135")
        assert finops.assess(request("b", cache_write_tokens=500)).cache_savings == 0, "writing cost more"


@pytest.mark.parametrize(
    ("value", "told", "roi"),
    [(None, None, None), (0.072, "0.072", 1.0), (0.0, "0", -1.0), (float("nan"), None, None), (-1.0, None, None)],
)
def test_return_on_investment(
    configuration: Configuration, value: float | None, told: str | None, roi: float | None
) -> None:
    with running(configuration) as finops:
        reading = finops.assess(request(business_value=value))
    assert reading.business_value == (None if told is None else Decimal(told))
    assert reading.roi == roi
    assert booked(configuration).value == Decimal(told or 0)


def test_budgets_stand_as_the_request_leaves_them(configuration: Configuration) -> None:
    with running(configuration) as finops:
        readings = [finops.assess(request(f"{n}", output_tokens=10_000, input_tokens=0)) for n in range(2)]
        other = finops.assess(request("x", team="other"))
    assert [[budget.spent for budget in reading.budgets] for reading in readings] == [
        [Decimal("0.6")] * 3,
        [Decimal("1.2")] * 3,
    ]
    assert [reading.budgets[0].exceeded for reading in readings] == [False, True]
    assert readings[0].budgets[0].forecast >= Decimal("0.6")
    assert other.budgets == ()


def test_budgets_survive_a_restart_and_count_other_processes(configuration: Configuration) -> None:
    with running(configuration) as finops:
        finops.assess(request("a", output_tokens=5_000, input_tokens=0))
    with running(configuration) as finops:
        spent = finops.assess(request("b", output_tokens=5_000, input_tokens=0)).budgets[0].spent
    assert spent == Decimal("0.6")


def test_a_request_that_comes_twice_is_booked_once(configuration: Configuration) -> None:
    registry = CollectorRegistry()
    with running(configuration, registry) as finops:
        finops.assess(request("a"))
        finops.assess(request("a"))
    assert booked(configuration).cost == Decimal("0.036")
    assert outcomes(registry) == {"booked": 1, "known": 1, "lost": 0}
    with running(configuration) as finops:
        assert finops.assess(request("b")).budgets[0].spent == Decimal("0.072")


def test_a_request_of_a_period_before_touches_the_ledger_alone(configuration: Configuration) -> None:
    with running(configuration) as finops:
        reading = finops.assess(request(timestamp=time.time() - 70 * 86_400))
    assert [budget.spent for budget in reading.budgets] == [0, 0, 0]
    assert booked(configuration).calls == 1


def test_a_ledger_that_is_away_costs_no_request_anything(
    configuration: Configuration, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(writer, "MOST_WAITING", 3)
    registry = CollectorRegistry()
    with running(replace(configuration, ledger="sqlite:////proc/no.db", budgets=()), registry) as finops:
        for n in range(5):
            assert finops.assess(request(f"{n}")).cost.total_cost == Decimal("0.036")
        assert outcomes(registry)["lost"] == 2
    assert outcomes(registry) == {"booked": 0, "known": 0, "lost": 5}
    assert "cannot be made" in caplog.text


def test_what_waits_for_a_ledger_is_booked_once_it_is_back(
    configuration: Configuration, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "_RETRY", 0.05)
    place = tmp_path / "away"
    place.write_text("a file where the folder should be")
    with running(replace(configuration, ledger=f"sqlite:///{place}/l.db", budgets=())) as finops:
        finops.assess(request())
        time.sleep(0.2)
        place.unlink()
        finops.close(10)
    with Ledger(f"sqlite:///{place}/l.db") as ledger:
        assert ledger.sums((), 0, 1e11)[()].calls == 1


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # what a pre-forking server does
def test_a_forked_worker_books_as_well(configuration: Configuration) -> None:
    with running(configuration) as finops:
        finops.assess(request("parent"))
        child = os.fork()
        if child == 0:
            try:
                finops.assess(request("child"))
                finops.close()
            finally:
                os._exit(0)
        os.waitpid(child, 0)
    assert booked(configuration).calls == 2


def test_a_batch_that_cannot_be_written_does_not_hold_up_the_next(
    configuration: Configuration, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    registry, book = CollectorRegistry(), Ledger.book

    def broken(ledger: Ledger, *entries: Entry) -> int:
        if entries[0].request_id == "poison":
            raise ValueError("no database takes this")
        return book(ledger, *entries)

    monkeypatch.setattr(Ledger, "book", broken)
    with running(configuration, registry) as finops:
        finops.assess(request("poison"))
        until(lambda: outcomes(registry)["lost"] == 1, 10)
        finops.assess(request("good"))
    assert outcomes(registry) == {"booked": 1, "known": 0, "lost": 1}
    assert "cannot be booked" in caplog.text


def test_no_error_of_a_ledger_ends_the_booking(
    configuration: Configuration, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(writer, "_RETRY", 0.05)
    troubles = iter(["first", "again"])

    def opened(url: str) -> Ledger:
        if trouble := next(troubles, None):
            raise ArithmeticError(trouble)
        return Ledger(url)

    monkeypatch.setattr(writer, "Ledger", opened)
    with running(replace(configuration, budgets=())) as finops:
        finops.assess(request())
        until(lambda: booked(configuration).calls == 1, 10)
    assert [record.message for record in caplog.records] == ["The ledger cannot be used: it is tried again and again"]
    assert "ArithmeticError: first" in caplog.text


def test_the_end_of_a_process_books_what_waits(configuration: Configuration, url: str) -> None:
    program = f"""
from ai_monitoring.collector.request import AIRequest
from ai_monitoring.configuration import Configuration
from ai_monitoring.finops.assessment import FinOps
finops = FinOps(Configuration(ledger={url!r}))
for number in range(700):
    finops.assess(AIRequest(request_id=str(number), provider="openai", model="gpt-4o", input_tokens=9))
"""
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True, timeout=60)
    assert booked(configuration).calls == 700


def test_it_books_within_a_moment(configuration: Configuration) -> None:
    with running(configuration) as finops:
        finops.assess(request())
        until(lambda: booked(configuration).calls == 1, 10)


def test_a_named_alternative(configuration: Configuration) -> None:
    with running(replace(configuration, alternatives={"own": {"big": "small"}})) as finops:
        cheaper = finops.assess(request()).cheaper
    assert cheaper
    assert (cheaper.model, cheaper.cost, cheaper.saving) == ("small", Decimal("0.0012"), Decimal("0.0348"))
    assert "monitoring.yaml" in cheaper.basis
    assert "quality is not compared" in cheaper.basis


@pytest.mark.parametrize(
    ("provider", "model", "expected"),
    [
        ("openai", "gpt-4", "gpt-4-turbo"),
        ("openai", "gpt-4o", "gpt-4.1"),
        ("openai", "o3", "o3-mini"),
        ("openai", "gpt-image-1", None),
        ("openai", "text-embedding-3-large", None),
        ("openai", "unheard-of", None),
        ("own", "small", None),
    ],
)
def test_the_next_cheaper_model_of_the_family(
    configuration: Configuration, provider: str, model: str, expected: str | None
) -> None:
    with running(configuration) as finops:
        reading = finops.assess(request(provider=provider, model=model))
    assert (reading.cheaper.model if reading.cheaper else None) == expected
    if reading.cheaper:
        assert reading.cheaper.cost + reading.cheaper.saving == reading.cost.total_cost


def test_names_that_are_none_reach_no_disk(configuration: Configuration, url: str) -> None:
    with running(configuration) as finops:
        reading = finops.assess(
            request("id of ana@example.org", team="a" * 100, project="x\ny", user="ana@example.org")
        )
    assert (reading.team, reading.project) == ("other", "other")
    folder = Path(url.removeprefix("sqlite:///")).parent
    assert b"ana@" not in b"".join(file.read_bytes() for file in folder.iterdir())


NUMBERS = st.integers(-(10**30), 10**30)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.text(max_size=50),
    st.fixed_dictionaries(
        dict.fromkeys(("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens"), NUMBERS)
    ),
    st.floats() | st.none(),
    st.floats() | st.none(),
)
def test_no_number_and_no_text_makes_it_fail(
    shared: FinOps, text: str, tokens: dict[str, int], value: float | None, timestamp: float | None
) -> None:
    reading = shared.assess(
        request(text, **tokens, provider=text, model=text, team=text, business_value=value, timestamp=timestamp)
    )
    assert isinstance(reading, FinOpsReading)
    assert reading.cost.total_cost >= 0


@pytest.fixture
def shared(configuration: Configuration) -> Iterator[FinOps]:
    registry = CollectorRegistry()
    with running(configuration, registry) as finops:
        yield finops
    assert outcomes(registry)["lost"] == 0
