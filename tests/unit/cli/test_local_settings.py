"""What `ai-monitoring setup` asks of money, and what becomes of the answers."""

import io
import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from ai_monitoring.cli.local_settings import ask_for
from ai_monitoring.configuration import load_config
from ai_monitoring.finops.budget import Budget, Period, Scope
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.terminal import Terminal

ROOT = Path(__file__).parents[3]
Answered = Callable[..., list[str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "monitoring.yaml", tmp_path)
    return tmp_path


@pytest.fixture
def local(folder: Path) -> Path:
    return folder / "monitoring.local.yaml"


@pytest.fixture
def answered(folder: Path) -> Answered:
    """Answers each question by a word in it, all others by Enter; the questions that were asked."""

    def answer(**given: str) -> list[str]:
        asked: list[str] = []

        def ask(question: str, secret: bool) -> str:
            assert not secret
            asked.append(question)
            return next((text for word, text in given.items() if word in question), "")

        ask_for(folder, ask, Terminal(io.StringIO()))
        return asked

    return answer


def test_enter_keeps_what_is_and_writes_nothing(answered: Answered, local: Path) -> None:
    assert answered() == [
        "Currency of all costs [EUR]",
        "  one US dollar in EUR (list prices are in dollars) [0.9]",
        "Time zone in which days of budgets and digests begin [UTC]",
        "Project that a monthly budget is kept for (its name in requests; Enter: as it is)",
    ]
    assert not local.exists()


def test_answers_are_laid_over_the_file_and_not_asked_for_again(answered: Answered, folder: Path, local: Path) -> None:
    answered(Currency="chf", dollar="0,81", zone="Europe/Zurich", Project="chatbot: é", limit="250")
    found = load_config(folder / "monitoring.yaml")
    assert (found.currency, found.exchange_rates["USD"]) == ("CHF", Decimal("0.81"))
    assert found.time_zone == "Europe/Zurich"
    (budget,) = found.budgets
    assert budget == Budget(Scope.PROJECT, "chatbot: é", Period.MONTH, Decimal(250))
    text = local.read_text(encoding="utf-8")
    assert text.startswith("# Yours alone: ")
    assert (folder / "monitoring.yaml").read_bytes() == (ROOT / "monitoring.yaml").read_bytes()
    assert answered() == []
    assert local.read_text(encoding="utf-8") == text


def test_what_is_there_stays_as_it_was_written(answered: Answered, folder: Path, local: Path) -> None:
    local.write_text("# mine\ntime_zone: Europe/Paris  # ours", encoding="utf-8")
    asked = answered(Currency="USD")
    assert not any("zone" in question or "dollar" in question for question in asked)
    assert local.read_text(encoding="utf-8") == "# mine\ntime_zone: Europe/Paris  # ours\ncurrency: USD\n"
    assert load_config(folder / "monitoring.yaml").currency == "USD"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"Currency": "euros"}, "Costs in EUROS need its rate"),
        ({"Currency": "euros", "dollar": "1"}, "'EUROS' is no currency"),
        ({"Currency": "CHF"}, "Costs in CHF need its rate"),
        ({"zone": "Paris"}, "'Paris' is no zone"),
        ({"Project": "chatbot", "limit": "much"}, "'much' is not a number above 0"),
        ({"dollar": "-1"}, "-1.0 is not a number above 0"),
    ],
)
@pytest.mark.parametrize("before", [None, "# mine\nledger: sqlite:///x\n"])
def test_an_answer_that_cannot_be_used_leaves_the_file_as_it_was(
    answered: Answered, local: Path, given: dict[str, str], says: str, before: str | None
) -> None:
    if before is not None:
        local.write_text(before, encoding="utf-8")
    with pytest.raises(StackError, match=says):
        answered(**given)
    assert (local.read_text(encoding="utf-8") if local.exists() else None) == before


def test_a_file_that_takes_no_lines_below_is_left_to_its_owner(answered: Answered, local: Path) -> None:
    local.write_text("{ledger: 'sqlite:///x'}\n", encoding="utf-8")
    with pytest.raises(StackError, match=r"cannot be read") as caught:
        answered(zone="Europe/Paris")
    assert caught.value.remedy == "Nothing was written. Answer again, or write monitoring.local.yaml yourself."
    assert local.read_text(encoding="utf-8") == "{ledger: 'sqlite:///x'}\n"
