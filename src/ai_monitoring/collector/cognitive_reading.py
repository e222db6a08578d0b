"""What an answer is worth, as attributes. A score is from 0 to 1, None where its evaluator did not run."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ai_monitoring.quality.evaluator import Evaluation


@dataclass(frozen=True, slots=True)
class Quality:
    """`label`: good, off_topic, incoherent, incomplete, empty."""

    overall_score: float | None = None
    relevance: float | None = None
    coherence: float | None = None
    completeness: float | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Groundedness:
    """How far the retrieved context bears the answer out; `score` None without context."""

    score: float | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Hallucination:
    """`confidence` is how sure the verdict is, `findings` what speaks against the answer, by kind."""

    detected: bool = False
    score: float | None = None
    confidence: float | None = None
    findings: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Detection:
    """What a check by rules found: how often, by category or kind; `main` is the one found most."""

    detected: bool = False
    score: float | None = None
    main: str = ""
    categories: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sentiment:
    """0 negative, 0.5 neutral, 1 positive."""

    score: float | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Language:
    """`code` by ISO 639-1, `und` where nothing tells, empty where nothing was read."""

    code: str = ""
    certainty: float | None = None


@dataclass(frozen=True, slots=True)
class Confidence:
    """`value` as the application gave it; `drift` is how far the model's confidence has been falling, 1 for a fall."""

    value: float | None = None
    label: str = ""
    drift: float | None = None


@dataclass(frozen=True, slots=True)
class CognitiveReading:
    """`personal_data` counts what was found by side and type, `prompt.email`; `scores` are those of all evaluators."""

    quality: Quality = field(default_factory=Quality)
    groundedness: Groundedness = field(default_factory=Groundedness)
    hallucination: Hallucination = field(default_factory=Hallucination)
    toxicity: Detection = field(default_factory=Detection)
    bias: Detection = field(default_factory=Detection)
    attacks: Detection = field(default_factory=Detection)
    sentiment: Sentiment = field(default_factory=Sentiment)
    language: Language = field(default_factory=Language)
    confidence: Confidence = field(default_factory=Confidence)
    personal_data: Mapping[str, int] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)


def reading(said: Mapping[str, Evaluation]) -> CognitiveReading:
    """What evaluators said, by their names, as attributes."""
    return CognitiveReading(
        quality=_quality(said.get("quality")),
        groundedness=_groundedness(said.get("groundedness")),
        hallucination=_hallucination(said.get("hallucination")),
        toxicity=_detection(said.get("toxicity")),
        bias=_detection(said.get("bias")),
        attacks=_detection(said.get("attacks")),
        sentiment=_sentiment(said.get("sentiment")),
        language=_language(said.get("language")),
        confidence=_confidence(said.get("confidence")),
        personal_data=said["personal_data"].findings if "personal_data" in said else {},
        scores={name: evaluation.score for name, evaluation in said.items()},
    )


def _quality(said: Evaluation | None) -> Quality:
    if said is None:
        return Quality()
    relevance, coherence, completeness = map(said.parts.get, ("relevance", "coherence", "completeness"))
    return Quality(said.score, relevance, coherence, completeness, said.label)


def _groundedness(said: Evaluation | None) -> Groundedness:
    if said is None:
        return Groundedness()
    judged = said.label in ("grounded", "ungrounded")
    return Groundedness(said.score if judged else None, said.label)


def _hallucination(said: Evaluation | None) -> Hallucination:
    if said is None:
        return Hallucination()
    return Hallucination(said.label == "detected", said.score, said.parts.get("confidence"), said.findings)


def _detection(said: Evaluation | None) -> Detection:
    if said is None:
        return Detection()
    return Detection(bool(said.findings), said.score, said.label if said.findings else "", said.findings)


def _sentiment(said: Evaluation | None) -> Sentiment:
    return Sentiment() if said is None else Sentiment(said.score, said.label)


def _language(said: Evaluation | None) -> Language:
    return Language() if said is None else Language(said.label, said.score)


def _confidence(said: Evaluation | None) -> Confidence:
    if said is None or said.label == "not_given":
        return Confidence()
    return Confidence(said.score, said.label, said.parts.get("drift"))
