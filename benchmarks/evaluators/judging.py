"""Each evaluator on its cases: what it says of a case, beside what a person said."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from benchmarks.evaluators.cases import Case

from ai_monitoring.quality import Evaluator, Exchange
from ai_monitoring.quality.answer import QualityEvaluator
from ai_monitoring.quality.attacks import AttackEvaluator
from ai_monitoring.quality.detection import BiasEvaluator, ToxicityEvaluator
from ai_monitoring.quality.groundedness import GroundednessEvaluator, HallucinationEvaluator
from ai_monitoring.quality.language import LanguageEvaluator
from ai_monitoring.quality.personal_data import PersonalDataEvaluator
from ai_monitoring.quality.sentiment import SentimentEvaluator

NEGATIVE = {"none", "supported", "good", "grounded", "not_detected"}
"""Labels that say: nothing is wrong here."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A case, what the evaluator called it, and how long that took."""

    case: Case
    said: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Judge:
    """An evaluator and how a case becomes an exchange. `kinds`: labels are told apart, not only found or not.
    `names_kind`: its labels are those of its cases, so that a kind can be right.
    """

    evaluator: Evaluator
    exchange: Callable[[Case], Exchange]
    kinds: bool = False
    names_kind: bool = True


def _answer(case: Case) -> Exchange:
    return Exchange(case.prompt, case.text, case.context)


def _prompt(case: Case) -> Exchange:
    return Exchange(case.text, "", case.context)


JUDGES = {
    "toxicity": Judge(ToxicityEvaluator(), _answer),
    "bias": Judge(BiasEvaluator(), _answer),
    "attacks": Judge(AttackEvaluator(), _prompt),
    "groundedness": Judge(GroundednessEvaluator(), _answer, names_kind=False),
    "hallucination": Judge(HallucinationEvaluator(), _answer, names_kind=False),
    "relevance": Judge(QualityEvaluator(), _answer),
    "sentiment": Judge(SentimentEvaluator(), _answer, kinds=True),
    "language": Judge(LanguageEvaluator(), _answer, kinds=True),
    "pii": Judge(PersonalDataEvaluator(), _answer),
}


def judge(name: str, cases: Iterable[Case]) -> list[Judged]:
    """What the evaluator called `name` says of each case."""
    return [_judged(JUDGES[name], case) for case in cases]


def _judged(by: Judge, case: Case) -> Judged:
    exchange = by.exchange(case)
    started = time.perf_counter()
    evaluation = by.evaluator.evaluate(exchange)
    return Judged(case, evaluation.label, time.perf_counter() - started)
