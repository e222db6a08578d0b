"""Whether the answer says what the retrieved documents say, and whether it seems made up."""

import re
from collections import Counter
from functools import cache
from typing import Final, Literal

from ai_monitoring.quality.evaluator import Evaluation, Exchange
from ai_monitoring.quality.lexicon import toml
from ai_monitoring.quality.support import ADDRESS, Support, support

GROUNDED: Final = 0.55
"""Scores from here on are called grounded; tuned on the benchmark's development half."""

_COST: Final = {"number": 0.6, "name": 0.5, "address": 0.7, "contradiction": 0.6}
_NO_CONTEXT: Final = "no_context"
_SURE_ALONE: Final = 0.3
_UNSEEN_ADDRESS: Final = 0.5


class GroundednessEvaluator:
    """The answer's sentences against the retrieved documents. Without documents: 0.5 and `no_context`, no verdict."""

    name = "groundedness"
    high_is: Literal["good", "bad", "neither"] = "good"
    linear = True

    def evaluate(self, exchange: Exchange) -> Evaluation:
        """The mean over sentences of the share that is borne out, less what speaks against it."""
        if not any(text.sentences for text in exchange.context_texts):
            return Evaluation(0.5, _NO_CONTEXT, "no documents to compare with")
        judged = list(support(exchange))
        if not judged:
            return Evaluation(0.5, "empty", "no sentence that carries meaning")
        score = sum(map(_worth, judged)) / len(judged)
        return Evaluation(round(score, 3), "grounded" if score >= GROUNDED else "ungrounded", *_found(judged))


class HallucinationEvaluator:
    """What seems made up: 1 where a sentence is contradicted or holds numbers, names or addresses that neither question
    nor documents have. Without documents only addresses and overconfident wording can be seen; the score says so by
    staying low.
    """

    name = "hallucination"
    high_is: Literal["good", "bad", "neither"] = "bad"
    linear = True

    def evaluate(self, exchange: Exchange) -> Evaluation:
        """The worst sentence counts. `parts["confidence"]` is how sure the verdict is, from 0 to 1."""
        if not any(text.sentences for text in exchange.context_texts):
            return _without_documents(exchange)
        judged = list(support(exchange))
        if not judged:
            return Evaluation(0.0, "not_detected", "no sentence that carries meaning")
        score = 1 - min(map(_worth, judged))
        label = "detected" if score > 1 - GROUNDED else "not_detected"
        confidence = round(min(1.0, abs(score - (1 - GROUNDED)) / GROUNDED), 3)
        return Evaluation(round(score, 3), label, *_found(judged), {"confidence": confidence})


def _worth(judged: Support) -> float:
    cost = sum(_COST[kind] for kind in judged.against)
    return max(0.0, judged.share - cost)


def _found(judged: list[Support]) -> tuple[str, dict[str, int]]:
    found: Counter[str] = Counter()
    for sentence in judged:
        found.update(sentence.against)
    unsupported = ", ".join(f"{kind}: {count}" for kind, count in sorted(found.items())) or "nothing speaks against it"
    return f"{len(judged)} sentences; {unsupported}", dict(found)


def _without_documents(exchange: Exchange) -> Evaluation:
    addresses = sum(url not in exchange.prompt for url in ADDRESS.findall(exchange.response_text.raw))
    sure = len(_sure().findall(exchange.response_text.plain))
    found = {kind: count for kind, count in (("address", addresses), ("overconfident", sure)) if count}
    score = _UNSEEN_ADDRESS * bool(addresses) + _SURE_ALONE * bool(sure)
    label = "detected" if score > _UNSEEN_ADDRESS else "not_detected"
    return Evaluation(score, label, "no documents to compare with", found, {"confidence": round(score / 2, 3)})


@cache
def _sure() -> re.Pattern[str]:
    return re.compile("|".join(toml("support")["wording"]["sure"]))
