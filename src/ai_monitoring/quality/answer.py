"""How good an answer is by itself: to the point, readable, finished."""

import re
from functools import cache
from itertools import pairwise
from typing import Final, Literal

from ai_monitoring.quality.evaluator import Evaluation, Exchange
from ai_monitoring.quality.lexicon import function_words, rule_set, toml
from ai_monitoring.quality.text import Text

GOOD: Final = 0.5
"""A part below this gives the answer its label."""

_ENOUGH: Final = 0.2
"""Share of the question's stems that an answer to the point takes up; tuned on the benchmark's development half."""
_SHORT: Final = 3
_REPEATED: Final = 8
"""Words from which on repetition can be told."""
_LONG: Final = 100
_ENDED = re.compile(r"[.!?…)\]}\"'»”`|*]\s*$")
_SYMBOLS: Final = "#%&[]{}~^<>=/\\|@"


class QualityEvaluator:
    """Relevance to the prompt, coherence and completeness, in `parts`; the score is their harmonic mean."""

    name = "quality"
    high_is: Literal["good", "bad", "neither"] = "good"
    linear = True

    def evaluate(self, exchange: Exchange) -> Evaluation:
        """The label is `good`, or the lowest part that fell short: off_topic, incoherent, incomplete."""
        answer = exchange.response_text
        if not answer.words:
            return Evaluation(0.0, "empty", "no word", parts={"relevance": 0.0, "coherence": 0.0, "completeness": 0.0})
        parts = {
            "relevance": relevance(exchange.prompt_text, answer),
            "coherence": coherence(answer),
            "completeness": completeness(answer),
        }
        score = len(parts) / sum(1 / max(part, 0.01) for part in parts.values())
        return Evaluation(round(score, 3), _label(parts), _reason(parts), parts=parts)


def relevance(prompt: Text, answer: Text) -> float:
    """How much of what the question names the answer takes up, from 0 to 1. 1 where the question names nothing."""
    asked = _roots(prompt.stems)
    if not asked:
        return 1.0
    return round(min(1.0, len(asked & _roots(answer.stems)) / len(asked) / _ENOUGH), 3)


def coherence(answer: Text) -> float:
    """1 for prose, less for words and sentences that repeat, for function words alone, for strings of symbols."""
    words = answer.words
    symbols = sum(map(answer.raw.count, _SYMBOLS)) / len(words)
    scores = [max(0.0, 1.5 - symbols)] if "`" not in answer.raw else []
    if len(words) >= _REPEATED:
        scores += [_variety(words), _meaning(words)]
    return round(min(1.0, *scores, 1.0), 3)


def completeness(answer: Text) -> float:
    """1 for an answer that ends, less for one that breaks off, refuses, announces without giving, or is an error."""
    if rule_set("answer").findings(answer.plain):
        return 0.1
    raw = answer.raw.rstrip()
    if raw.endswith((":", ",")) or answer.words[-1] in _dangling():
        return 0.2
    ended = _ENDED.search(raw[-3:]) is not None
    if len(answer.words) < _SHORT:
        return 1.0 if ended else 0.4
    return 1.0 if ended else 0.6


@cache
def _dangling() -> frozenset[str]:
    return frozenset(toml("answer")["dangling"].split())


def _roots(stems: frozenset[str]) -> frozenset[str]:
    """Their first five letters: stemmers leave `baker` and `bakeri` apart."""
    return frozenset(stem[:5] for stem in stems)


def _variety(words: tuple[str, ...]) -> float:
    """How many different words and pairs of words there are; long texts repeat by nature."""
    pairs = frozenset(pairwise(words))
    read = min(len(words), _LONG)
    return min(1.0, 1.6 * len(pairs) / (read - 1), 2 * len(frozenset(words)) / read)


def _meaning(words: tuple[str, ...]) -> float:
    share = sum(word not in function_words() for word in words) / len(words)
    return min(1.0, share / 0.3)


def _label(parts: dict[str, float]) -> str:
    lowest = min(parts, key=parts.__getitem__)
    names = {"relevance": "off_topic", "coherence": "incoherent", "completeness": "incomplete"}
    return "good" if parts[lowest] >= GOOD else names[lowest]


def _reason(parts: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.2f}" for name, value in parts.items())
