from decimal import Decimal
from pathlib import Path

import pytest

from ai_monitoring.collector.settings import EVALUATORS, Collection
from ai_monitoring.configuration import Configuration, ConfigurationError, Price, load_config
from ai_monitoring.finops.budget import Budget, Period, Scope
from ai_monitoring.quality import Setting, built_in

ROOT = Path(__file__).parents[2]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("AI_MONITORING_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "monitoring.yaml"


@pytest.mark.usefixtures("file")
def test_without_a_file_costs_are_in_dollars() -> None:
    assert load_config() == Configuration("USD", {}, {})


def test_the_file_is_read(file: Path) -> None:
    file.write_text(
        "currency: EUR\nexchange_rates: {USD: 0.92}\n"
        "prices: {openai: {ft:a: {input: 0.3, output: 1.2, cache_read: 0.15}}, vllm: {m: {input: 1, currency: EUR}}}\n"
    )
    assert load_config() == Configuration(
        "EUR",
        {"USD": Decimal("0.92")},
        {
            "openai": {"ft:a": Price(Decimal("0.3"), Decimal("1.2"), Decimal("0.15"))},
            "vllm": {"m": Price(Decimal(1), currency="EUR")},
        },
    )


def test_budgets_and_their_ledger_are_read(file: Path) -> None:
    file.write_text(
        "time_zone: Europe/Paris\nledger: sqlite:///a.db\nalternatives: {openai: {gpt-4: gpt-4o}}\n"
        "budgets:\n  - {scope: team, name: search, period: month, limit: 500}\n"
    )
    assert load_config() == Configuration(
        time_zone="Europe/Paris",
        budgets=(Budget(Scope.TEAM, "search", Period.MONTH, Decimal(500)),),
        alternatives={"openai": {"gpt-4": "gpt-4o"}},
        ledger="sqlite:///a.db",
    )
    assert "a.db" not in repr(load_config()), "it may hold a password"


def test_the_environment_names_another_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = file.with_name("other.yaml")
    other.write_text("currency: CHF\nexchange_rates: {USD: 0.8}\n")
    file.write_text("broken: [")
    monkeypatch.setenv("AI_MONITORING_CONFIG", str(other))
    assert load_config().currency == "CHF"
    other.with_name("other.local.yaml").write_text("exchange_rates: {USD: 0.7}\n")
    assert load_config().exchange_rates["USD"] == Decimal("0.7")


def test_what_is_local_lies_over_the_file(file: Path) -> None:
    file.write_text("currency: EUR\nexchange_rates: {USD: 0.92, GBP: 1.15}\n")
    file.with_name("monitoring.local.yaml").write_text("exchange_rates: {USD: 0.9}\n")
    assert load_config() == Configuration("EUR", {"USD": Decimal("0.9"), "GBP": Decimal("1.15")})


def test_collection_and_evaluators_are_read(file: Path) -> None:
    file.write_text(
        "collection: {batch_size: 10, queue_size: 100, llm_calls: true, sample: 0.1}\n"
        "evaluators: {toxicity: {enabled: false}, judge: {sample: 0.05, time_limit: 5}}\n"
    )
    configuration = load_config()
    assert configuration.collection == Collection(10, 100, llm_calls=True, sample=0.1)
    assert configuration.evaluators == {"toxicity": Setting(enabled=False), "judge": Setting(True, 0.05, 5.0)}


def test_an_empty_file_says_nothing(file: Path) -> None:
    file.write_text("# nothing yet\n")
    assert load_config() == Configuration()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("curency: EUR", "curency is unknown; did you mean currency?"),
        ("zzz: 1", "zzz is unknown; there are currency"),
        ("currency: euro", "currency 'euro' is no currency by ISO 4217, such as EUR"),
        ("currency: 5", "currency 5 is no currency"),
        ("currency: EUR", "exchange_rates.USD is missing: what one USD is in EUR, such as 0.92"),
        ("exchange_rates: {USD: dear}", "exchange_rates.USD 'dear' is not a number above 0, such as 0.92"),
        ("exchange_rates: {USD: 0}", "exchange_rates.USD 0 is not a number above 0"),
        ("exchange_rates: {USD: .nan}", "exchange_rates.USD nan is not a number above 0"),
        ("exchange_rates: {USD: .inf}", "exchange_rates.USD inf is not a number above 0"),
        ("exchange_rates: 0.92", "exchange_rates holds 0.92, not keys of its own"),
        ("prices: {openai: {m: {output: 1}}}", "prices.openai.m.input is missing"),
        ("prices: {openai: {m: {input: -1}}}", "prices.openai.m.input -1 is not a number of 0 or more"),
        ("prices: {openai: {m: {input: true}}}", "prices.openai.m.input True is not a number"),
        ("prices: {openai: {m: {input: 1, ouput: 2}}}", "prices.openai.m.ouput is unknown; did you mean output?"),
        ("prices: {openai: {m: {input: 1, currency: EUR}}}", "exchange_rates.EUR is missing: what one EUR is in USD"),
        ("prices: {openai: {m: 5}}", "prices.openai.m holds 5, not keys of its own"),
        ("collection: {batchsize: 1}", "collection.batchsize is unknown; did you mean batch_size?"),
        ("collection: {batch_size: 0}", "collection.batch_size 0 is no whole number from 1 to 100000"),
        ("collection: {sample: 10}", "collection.sample 10 is no share from 0 to 1, such as 0.1"),
        ("collection: {llm_calls: often}", "collection.llm_calls 'often' is neither true nor false"),
        ("evaluators: {toxicty: {}}", "evaluators.toxicty is unknown; did you mean toxicity?"),
        ("evaluators: {bias: off}", "evaluators.bias holds False, not keys of its own"),
        ("evaluators: {bias: {time_limit: 0}}", "evaluators.bias.time_limit 0 is not a number above 0"),
        ("time_zone: Europe/Atlantis", "time_zone 'Europe/Atlantis' is no zone that this machine knows"),
        ("time_zone: 2", "time_zone 2 is no zone"),
        ("budgets: {team: 5}", "budgets holds {'team': 5}, not a list"),
        ("budgets: [5]", "budgets[0] holds 5, not keys"),
        ("budgets: [{scope: team, name: a, period: day}]", "budgets[0].limit is missing"),
        (
            "budgets: [{scope: teem, name: a, period: day, limit: 1}]",
            "budgets[0].scope 'teem' is none of team, project",
        ),
        (
            "budgets: [{scope: team, name: a, period: moth, limit: 1}]",
            "'moth' is none of day, week, month; did you mean",
        ),
        ("budgets: [{scope: team, name: 1, period: day, limit: 1}]", "budgets[0].name 1 is no text"),
        ("budgets: [{scope: team, name: a, period: day, limit: 0}]", "budgets[0].limit 0 is not a number above 0"),
        ("budgets: [{scope: team, name: a, period: day, limit: .inf}]", "budgets[0].limit inf is not a number above 0"),
        ("budgets: [{scope: team, name: a, period: day, limt: 1}]", "budgets[0].limt is unknown; did you mean limit?"),
        (
            "budgets: [{scope: team, name: a, period: day, limit: 1}, {scope: team, name: a, period: day, limit: 2}]",
            "budgets[1] is a second one of team a for a day",
        ),
        ("alternatives: {openai: {gpt-4: 5}}", "alternatives.openai.gpt-4 5 is no text"),
        ("ledger: 5", "ledger 5 is no text"),
        ("- 1", "holds no keys"),
        ("a: [", "cannot be read"),
    ],
)
def test_an_error_names_the_file_the_key_and_what_it_may_hold(file: Path, content: str, message: str) -> None:
    file.write_text(content)
    with pytest.raises(ConfigurationError) as raised:
        load_config()
    assert "monitoring.yaml" in str(raised.value)
    assert message in str(raised.value)


def test_an_error_in_the_local_file_names_it(file: Path) -> None:
    file.write_text("currency: USD\n")
    file.with_name("monitoring.local.yaml").write_text("curency: EUR\n")
    with pytest.raises(ConfigurationError, match=r"monitoring\.local\.yaml: curency"):
        load_config()


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("currency: USD\ncurency: EUR\n", 2),
        ("prices:\n  openai:\n    gpt-4: {input: 1}\n    gpt-4.1:\n      input: 1\n      ouput: 2\n", 6),
        ("# a word\ncurrency: EUR\nexchange_rates:\n  GBP: 1.1\n", 3),
        ("compliance:\n  models:\n    gpt-4.1: {approved: maybe}\n", 3),
    ],
)
def test_an_error_says_the_line_or_that_of_the_nearest_key(file: Path, content: str, line: int) -> None:
    file.write_text(content)
    with pytest.raises(ConfigurationError, match=rf"\(monitoring\.yaml, line {line}\)$"):
        load_config()


def test_the_line_is_that_of_the_local_file_where_the_key_stands_there(file: Path) -> None:
    file.write_text("prices: {}\n")
    file.with_name("monitoring.local.yaml").write_text("\nprices: {openai: 5}\n")
    with pytest.raises(ConfigurationError, match=r"\(monitoring\.local\.yaml, line 2\)$"):
        load_config()


def test_a_named_file_must_be_one(file: Path) -> None:
    for named in (file, file.parent, "."):
        with pytest.raises(ConfigurationError, match="is no file; AI_MONITORING_CONFIG"):
            load_config(named)


def test_the_file_that_is_shipped_can_be_used() -> None:
    assert "USD" in load_config(ROOT / "monitoring.yaml").exchange_rates


def test_every_built_in_evaluator_can_be_set() -> None:
    assert {evaluator.name for evaluator in built_in()} <= set(EVALUATORS)
