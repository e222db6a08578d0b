"""Which language a text is in: by its script, else by its frequent words and telling letters.

Packages that know a hundred languages bring 30 to 130 MB into a service (py3langid: 0.8 s and 100 MB at the first call,
measured on CPython 3.11); this one knows the ten that its rule file names, and English and French best.
"""

import re
from collections import Counter
from functools import cache
from typing import Final, Literal

from ai_monitoring.quality.evaluator import Evaluation, Exchange
from ai_monitoring.quality.lexicon import toml
from ai_monitoring.quality.text import folded

UNKNOWN: Final = "und"
"""ISO 639-2's code for an undetermined language."""

_READ: Final = 500
_LETTER_WEIGHT: Final = 2.0
_UKRAINIAN: Final = frozenset("іїєґ")
_WORD = re.compile(r"[^\W\d_]{1,40}")
_NEITHER_SCRIPT_NOR_LATIN: Final = 0x0370


class LanguageEvaluator:
    """The answer's language. The score is how clearly it stands out, 1 where nothing speaks for another."""

    name = "language"
    high_is: Literal["good", "bad", "neither"] = "neither"
    linear = True

    def evaluate(self, exchange: Exchange) -> Evaluation:
        """The label is a two-letter code (ISO 639-1), or `und`."""
        if exchange.language:
            return Evaluation(1.0, exchange.language, "given by the application")
        language, certainty = exchange.response_text.detected
        return Evaluation(certainty, language, "by script, frequent words and letters")


def detect(text: str) -> tuple[str, float]:
    """The code of the text's language, or `und`, and how clear that is from 0 to 1. Reads 500 characters."""
    text = text[:_READ]
    if not text.isascii() and (script := _by_script(text)):
        return script, 1.0
    votes = _votes(text)
    if not votes:
        return UNKNOWN, 0.0
    first = max(votes, key=votes.__getitem__)
    second = max((votes[language] for language in votes if language != first), default=0.0)
    return first, round((votes[first] - second) / votes[first], 3)


def _votes(text: str) -> dict[str, float]:
    votes: dict[str, float] = {}
    known = _languages()
    for word, times in Counter(_WORD.findall(folded(text))).items():
        for language, weight in known.get(word, ()):
            votes[language] = votes.get(language, 0.0) + weight * times
    if not text.isascii():
        for language, letters in toml("language")["letters"].items():
            if any(letter in text for letter in letters):
                votes[language] = votes.get(language, 0.0) + _LETTER_WEIGHT
    return votes


def _by_script(text: str) -> str | None:
    letters = [ord(character) for character in text if character.isalpha()]
    foreign = [code for code in letters if code >= _NEITHER_SCRIPT_NOR_LATIN]
    if len(foreign) * 2 <= len(letters):
        return None
    counts = Counter(script for code in foreign if (script := _script(code)))
    if not counts:
        return None
    if "ja" in counts:  # Japanese writes Chinese characters between its own
        return "ja"
    found = counts.most_common(1)[0][0]
    return "uk" if found == "ru" and _UKRAINIAN & set(text.lower()) else found


@cache
def _script(code: int) -> str | None:
    for name, ranges in toml("language")["scripts"].items():
        if any(first <= code <= last for first, last in ranges):
            return str(name)
    return None


@cache
def _languages() -> dict[str, tuple[tuple[str, float], ...]]:
    """By word, the languages that have it, each with a weight: what several languages share tells less."""
    by_word: dict[str, list[str]] = {}
    for language, words in toml("language")["words"].items():
        for word in dict.fromkeys(words.split()):
            by_word.setdefault(word, []).append(language)
    return {word: tuple((name, 1 / len(names)) for name in names) for word, names in by_word.items()}
