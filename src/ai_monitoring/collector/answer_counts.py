"""Metrics of answers: how good they are, and what evaluators found in them."""

from collections.abc import Mapping
from typing import Final

from prometheus_client import CollectorRegistry

from ai_monitoring.collector.cognitive_reading import CognitiveReading
from ai_monitoring.metrics.declaration import OTHER
from ai_monitoring.metrics.instrument import instrument
from ai_monitoring.quality.attacks import DELIMITER, ENCODED, INDIRECT
from ai_monitoring.quality.lexicon import rule_set
from ai_monitoring.quality.suite import Outcome

_CHECKS: Final = ("hallucination", "toxicity", "bias")
_SURE: Final = ("low", "medium", "high")
_GRAVEST: Final = ("threat", "hate", "insult", "obscenity")
"""Of toxicity's categories, the gravest first; those of bias have no order, and the one found most counts."""
_RAN: Final = frozenset({"ok", "error", "timeout"})


class AnswerCounts:
    """The metrics of answers; what rules read is there at 0 before anything was found."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._evaluated = instrument("ai_answers_evaluated_total", registry)
        self._hallucinations = instrument("ai_hallucinations_total", registry)
        self._toxic = instrument("ai_toxicity_total", registry)
        self._biased = instrument("ai_bias_total", registry)
        self._attacks = instrument("ai_prompt_attacks_total", registry)
        self._quality = instrument("ai_quality_score", registry)
        self._sentiment = instrument("ai_sentiment_score", registry)
        self._confidence = instrument("ai_answer_confidence", registry)
        self._falls = instrument("ai_answer_confidence_falls_total", registry)
        self._runs = instrument("ai_monitoring_evaluator_runs_total", registry)
        self._seconds = instrument("ai_monitoring_evaluator_duration_seconds", registry)
        self._known = {name: frozenset(rule.kind for rule in rule_set(name).rules) for name in ("toxicity", "bias")}
        self._known["attacks"] = frozenset(rule.kind for rule in rule_set("attacks").rules)
        self._known["attacks"] |= {DELIMITER, ENCODED, INDIRECT}
        self._prepare()

    def _prepare(self) -> None:
        for counter, values in (
            (self._evaluated, _CHECKS),
            (self._hallucinations, _SURE),
            (self._toxic, self._known["toxicity"]),
            (self._biased, self._known["bias"]),
            (self._attacks, self._known["attacks"]),
        ):
            for value in sorted(values):
                counter.prepare(value)

    def ran(self, outcomes: Mapping[str, Outcome]) -> None:
        """How each evaluator's run ended, and how long it took."""
        for name, outcome in outcomes.items():
            if outcome.outcome in _RAN:
                self._runs[name, outcome.outcome].inc()
                self._seconds[name].observe(outcome.seconds)

    def count(self, reading: CognitiveReading) -> None:
        """Take one reading in."""
        for check in _CHECKS:
            if check in reading.scores:
                self._evaluated[check].inc()
        if reading.hallucination.detected:
            self._hallucinations[_how_sure(reading.hallucination.confidence)].inc()
        if reading.toxicity.detected:
            self._toxic[self._kind("toxicity", _gravest(reading.toxicity.categories))].inc()
        if reading.bias.detected:
            self._biased[self._kind("bias", reading.bias.main)].inc()
        if reading.attacks.detected:
            self._attacks[self._kind("attacks", reading.attacks.main)].inc()
        self._observe(reading)

    def _observe(self, reading: CognitiveReading) -> None:
        quality, groundedness = reading.quality, reading.groundedness
        for dimension, score in (
            ("overall", quality.overall_score),
            ("relevance", quality.relevance),
            ("coherence", quality.coherence),
            ("completeness", quality.completeness),
            ("groundedness", groundedness.score),
        ):
            if score is not None:
                self._quality[dimension].observe(score)
        if reading.sentiment.score is not None:
            self._sentiment[()].observe(reading.sentiment.score)
        if reading.confidence.value is not None:
            self._confidence[()].observe(reading.confidence.value)
            self._falls[()].inc(reading.confidence.label == "drifted")

    def _kind(self, check: str, found: str) -> str:
        """One of the closed set: an evaluator of an application's own may find anything."""
        return found if found in self._known[check] else OTHER


def _how_sure(confidence: float | None) -> str:
    """Thirds of the scale."""
    return _SURE[min(2, int((confidence or 0.0) * 3))]


def _gravest(categories: Mapping[str, int]) -> str:
    return next((category for category in _GRAVEST if category in categories), OTHER)
