"""The evaluators that need no network and no model's weights."""

from ai_monitoring.quality.answer import QualityEvaluator
from ai_monitoring.quality.attacks import AttackEvaluator
from ai_monitoring.quality.confidence import ConfidenceEvaluator
from ai_monitoring.quality.detection import BiasEvaluator, ToxicityEvaluator
from ai_monitoring.quality.evaluator import Evaluator
from ai_monitoring.quality.groundedness import GroundednessEvaluator, HallucinationEvaluator
from ai_monitoring.quality.language import LanguageEvaluator
from ai_monitoring.quality.personal_data import PersonalDataEvaluator
from ai_monitoring.quality.sentiment import SentimentEvaluator


def built_in() -> tuple[Evaluator, ...]:
    """One of each, with its defaults. Needs the extra `quality`."""
    return (
        LanguageEvaluator(),
        QualityEvaluator(),
        GroundednessEvaluator(),
        HallucinationEvaluator(),
        ToxicityEvaluator(),
        BiasEvaluator(),
        SentimentEvaluator(),
        AttackEvaluator(),
        PersonalDataEvaluator(),
        ConfidenceEvaluator(),
    )
