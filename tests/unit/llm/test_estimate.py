import pytest

from ai_monitoring.llm import estimate
from ai_monitoring.llm.estimate import estimate_tokens


@pytest.fixture
def no_tokenizer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimate, "_encoding", lambda name: None)


def test_tokens_are_counted_as_the_model_does() -> None:
    # As https://platform.openai.com/tokenizer shows them.
    assert estimate_tokens("hello world", "gpt-4o") == 2
    assert estimate_tokens("hello world", "gpt-4") == 2
    assert estimate_tokens("antidisestablishmentarianism", "gpt-4") == 6


def test_an_empty_text_has_none() -> None:
    assert estimate_tokens("") == 0


def test_a_long_text_is_extrapolated() -> None:
    one, hundred = estimate_tokens("word " * 4_000, "gpt-4o"), estimate_tokens("word " * 400_000, "gpt-4o")
    assert hundred == pytest.approx(100 * one, rel=0.001)


def test_a_text_that_is_no_unicode_is_counted() -> None:
    assert estimate_tokens("broken \ud800 text", "gpt-4o") > 0


@pytest.mark.usefixtures("no_tokenizer")
def test_length_tells_without_a_tokenizer() -> None:
    assert estimate_tokens("abcde") == 2
    assert estimate_tokens("a" * 40_000) == 10_000
