import pytest

from ai_monitoring.compliance.ai_act import ai_act, slug, uses
from ai_monitoring.compliance.kinds import Category
from ai_monitoring.compliance.settings import ComplianceSettings, Model

NONE = ComplianceSettings()


@pytest.mark.parametrize(
    ("purpose", "category", "article"),
    [
        ("social_scoring", "prohibited", "Art. 5(1)(c)"),
        ("Notation sociale", "prohibited", "Art. 5(1)(c)"),
        ("recruitment", "high", "Annex III, 4"),
        ("Tri de CV", "high", "Annex III, 4"),
        ("credit-scoring", "high", "Annex III, 5(b)"),
        ("Évaluation des élèves", "high", "Annex III, 3"),
        ("chatbot", "limited", "Art. 50(1)"),
        ("summaries", "minimal", "default"),
        ("", "minimal", "default"),
        (None, "minimal", "default"),
    ],
)
def test_purposes_that_the_act_names(purpose: str | None, category: str, article: str) -> None:
    found = ai_act(NONE, purpose, "gpt-4")
    assert found.category == category
    assert found.reference.startswith(article)


def test_the_settings_go_before_the_list_and_the_worst_counts() -> None:
    settings = ComplianceSettings(
        models={"face-*": Model(True, Category.HIGH)},
        ai_act_purposes={"recruitment": Category.LIMITED},
        ai_act_models={"gpt-4": Category.LIMITED},
        ai_act_default=Category.HIGH,
    )
    found = ai_act(settings, "recruitment", "m")
    assert (found.category, found.reference) == (Category.LIMITED, "ai_act.purposes.recruitment")
    assert ai_act(settings, "recruitment", "face-1").category is Category.HIGH
    assert ai_act(settings, None, "gpt-4").category is Category.LIMITED
    assert ai_act(settings, None, "other").category is Category.HIGH


def test_the_list_is_written_as_it_is_looked_up() -> None:
    assert len(uses()) > 100
    assert [purpose for purpose in uses() if slug(purpose) != purpose] == []


@pytest.mark.parametrize("purpose", ["\ud800", "\0", "a" * 10**6, "🙂"])
def test_any_text_has_a_category(purpose: str) -> None:
    assert ai_act(NONE, purpose, purpose).category is Category.MINIMAL
