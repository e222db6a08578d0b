"""The mood of a text by its words: English and French lexicons, negation, strength.

vaderSentiment takes 3 ms for a kilobyte, has had no release since 2020, and its French offspring brings GPL packages
and warns at import; hence own rules, whose data is rules/sentiment.toml. The benchmark shows both.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from ai_monitoring.quality.evaluator import Evaluation, Exchange
from ai_monitoring.quality.lexicon import toml
from ai_monitoring.quality.text import Sentence, Text, stems

_WEIGHTS: Final = {"strong_positive": 2.0, "positive": 1.0, "strong_negative": -2.0, "negative": -1.0}
_REACH: Final = 3
"""Words that a negation reaches forward."""
_TURNED: Final = -0.75
"""What a negated word weighs: "not good" is a little less bad than "bad"."""
_SOFTENING: Final = 2.0
_NEUTRAL: Final = 0.12


@dataclass(frozen=True, slots=True)
class _Lexicon:
    stems: dict[str, float]
    negations: frozenset[str]
    phrases: dict[str, float]


class SentimentEvaluator:
    """The answer's mood: 0 negative, 0.5 neutral, 1 positive. `of="prompt"` reads the user's instead."""

    name = "sentiment"
    high_is: Literal["good", "bad", "neither"] = "good"
    linear = True

    def __init__(self, of: Literal["prompt", "response"] = "response") -> None:
        self._of = of

    def evaluate(self, exchange: Exchange) -> Evaluation:
        """Words that carry a mood are weighed per text, and the more there are, the less each counts."""
        weights = list(_weights(exchange.prompt_text if self._of == "prompt" else exchange.response_text))
        total = sum(weights)
        mood = total / (abs(total) + _SOFTENING + 0.1 * len(weights))
        label = "neutral" if abs(mood) < _NEUTRAL else "positive" if mood > 0 else "negative"
        reason = f"{sum(weight > 0 for weight in weights)} positive, {sum(weight < 0 for weight in weights)} negative"
        return Evaluation(round(0.5 + mood / 2, 3), label, reason)


def _weights(text: Text) -> Iterator[float]:
    lexicon = _lexicon("fr" if text.language == "fr" else "en")
    for sentence in text.sentences:
        yield from _sentence_weights(sentence, lexicon, text.language)


def _sentence_weights(sentence: Sentence, lexicon: _Lexicon, language: str) -> Iterator[float]:
    joined = f" {' '.join(sentence.words)} "
    taken = ""
    for phrase, weight in lexicon.phrases.items():
        if f" {phrase} " in joined:
            taken += f" {phrase} "
            yield weight
    for place, stem in enumerate(stems(sentence.words, language)):
        weight = lexicon.stems.get(stem, 0.0)
        if weight and f" {sentence.words[place]} " not in taken:
            before = sentence.words[max(0, place - _REACH) : place]
            yield weight * _TURNED if lexicon.negations.intersection(before) else weight


@cache
def _lexicon(language: str) -> _Lexicon:
    data = toml("sentiment")[language]
    weighted = {
        stem: weight for kind, weight in _WEIGHTS.items() for stem in stems(tuple(data[kind].split()), language)
    }
    return _Lexicon(weighted, frozenset(data["negations"].split()), dict(data["phrases"]))
