"""Microsoft's presidio as a further evaluator of personal data: more types, English patterns, much slower."""

from collections import Counter
from functools import cache
from typing import Any, Final, Literal

from ai_monitoring.quality.detection import evaluation
from ai_monitoring.quality.evaluator import Evaluation, Exchange

_LEAST_SCORE: Final = 0.5


class PresidioEvaluator:
    """Presidio's types in prompt and answer, lower case, by side: `prompt.us_ssn`. Uses a blank spaCy model, so that
    nothing is downloaded: its patterns and check digits work, its names of people need a model of yours.
    """

    name = "presidio"
    high_is: Literal["good", "bad", "neither"] = "bad"

    def evaluate(self, exchange: Exchange) -> Evaluation:
        """As PersonalDataEvaluator, with presidio's names of types."""
        sides = (("prompt", exchange.prompt_text), ("response", exchange.response_text))
        return evaluation(Counter(f"{side}.{kind}" for side, text in sides for kind in _types(text.raw)))


@cache
def analyser(language: str) -> Any:
    """Presidio's engine with its default recognisers over a blank model. Raises ImportError without the extra."""
    import spacy
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    engine: Any = SpacyNlpEngine()
    engine.nlp = {language: spacy.blank(language)}  # counts as loaded: nothing is fetched
    return AnalyzerEngine(nlp_engine=engine, supported_languages=[language])


def _types(text: str) -> list[str]:
    found = analyser("en").analyze(text, language="en", score_threshold=_LEAST_SCORE)
    return [result.entity_type.lower() for result in found]
