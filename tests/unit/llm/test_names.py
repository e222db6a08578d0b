from contextlib import suppress

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from recorded_spans import recorded_spans
from sdk_calls import counted

from ai_monitoring.llm import attribution, llm_call
from ai_monitoring.llm.names import group_name, model_name, operation_name

pytestmark = pytest.mark.usefixtures("in_dollars")
PROMPT = "My name is Jeanne, when do shoes wear out?"


@pytest.mark.parametrize(
    "name",
    [
        "ft:gpt-4o-mini:acme::a1",
        "models/gemini-2.5-pro",
        "@cf/meta/llama-3",
        "arn:aws:bedrock:eu-west-3:123456789012:inference-profile/eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
    ],
)
def test_names_of_models_stay(name: str) -> None:
    assert model_name(name) == name


@pytest.mark.parametrize("name", ["", PROMPT, "a" * 129, "a\nb", "\ud800", "a\tb"])
def test_what_is_no_name_is_other(name: str) -> None:
    assert model_name(name) == "other"


@pytest.mark.parametrize("name", ["", PROMPT * 2, "a\nb", "\ud800"])
def test_what_names_no_team_is_other(name: str) -> None:
    assert group_name(name) == "other"


def test_a_team_may_have_blanks_and_an_operation_is_one_of_a_closed_set() -> None:
    assert group_name("Search and advice") == "Search and advice"
    assert [operation_name(name) for name in ("chat", "other", PROMPT)] == ["chat", "other", "other"]


def test_swapped_arguments_leave_no_prompt_and_break_no_scrape(
    registry: CollectorRegistry, caplog: pytest.LogCaptureFixture
) -> None:
    with recorded_spans() as traces, attribution(team="\ud800", project=PROMPT * 3):  # noqa: SIM117
        with suppress(KeyError), llm_call(PROMPT, PROMPT, PROMPT, registry=registry) as call:
            call.answered_by(PROMPT)
            call.usage(input_tokens=5)
            raise KeyError
    assert counted(registry)["llm_unpriced_requests_total{other,other}"] == 1
    assert "Jeanne" not in generate_latest(registry).decode() + traces.text() + caplog.text
