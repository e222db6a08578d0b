"""How far each sentence of an answer is borne out by the retrieved documents and the question."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from ai_monitoring.quality.evaluator import Exchange
from ai_monitoring.quality.lexicon import toml
from ai_monitoring.quality.text import Sentence, folded

ADDRESS: Final = re.compile(r"https?://[^\s<>\"')\]]{1,200}")
_NAME = re.compile(r"(?<=[\w,;:] )(?:[A-ZÀ-ÖØ-Þ][\w\-]{2,40})(?: [A-ZÀ-ÖØ-Þ][\w\-]{2,40}){0,3}")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_CLOSE: Final = 0.34
"""Share of a sentence's stems that a document's sentence must have to speak of the same thing."""


@dataclass(frozen=True, slots=True)
class Support:
    """What bears out one sentence: the share of its stems, from 0 to 1, that question and documents have, and what
    speaks against it, by kind: numbers, names and addresses that they do not have, and contradictions.
    """

    share: float
    against: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Source:
    """Question and documents together. The question bears out names and words, but no claim."""

    sentences: tuple[Sentence, ...]
    stems: frozenset[str]
    numbers: frozenset[str]
    folded: str


def support(exchange: Exchange) -> Iterator[Support]:
    """For each sentence of the answer that carries meaning, in its order."""
    source = _source(exchange)
    for sentence in exchange.response_text.sentences:
        if sentence.stems:
            yield _support(sentence, source)


def _source(exchange: Exchange) -> _Source:
    texts = (exchange.prompt_text, *exchange.context_texts)
    sentences = tuple(sentence for text in exchange.context_texts for sentence in text.sentences)
    return _Source(
        sentences,
        frozenset().union(*(text.stems for text in texts)),
        frozenset(number for text in texts for number in _numbers(text.raw, text.words)),
        " ".join(folded(text.raw) for text in texts),
    )


def _support(sentence: Sentence, source: _Source) -> Support:
    share = len(sentence.stems & source.stems) / len(sentence.stems)
    counts = {
        "number": len(_numbers(sentence.raw, sentence.words) - source.numbers),
        "name": sum(folded(name) not in source.folded for name in _NAME.findall(sentence.raw)),
        "address": sum(folded(url) not in source.folded for url in ADDRESS.findall(sentence.raw)),
        "contradiction": int(_contradicts(sentence, source)),
    }
    return Support(share, {kind: count for kind, count in counts.items() if count})


def _numbers(raw: str, words: tuple[str, ...]) -> frozenset[str]:
    """Digits, and small numbers in words."""
    named = toml("support")["numbers"]
    spelled = frozenset(named[word] for word in words if word in named)
    return spelled | frozenset(number.replace(",", ".") for number in _NUMBER.findall(raw))


def _contradicts(sentence: Sentence, source: _Source) -> bool:
    """Against the closest sentence that speaks of the same thing: one negated and the other not, or opposites."""
    closest = max(source.sentences, key=lambda other: len(sentence.stems & other.stems), default=None)
    if closest is None or len(sentence.stems & closest.stems) < _CLOSE * len(sentence.stems):
        return False
    return _negated(sentence) != _negated(closest) or _opposed(frozenset(sentence.words), frozenset(closest.words))


def _negated(sentence: Sentence) -> bool:
    return not _negations().isdisjoint(sentence.words)


def _opposed(said: frozenset[str], written: frozenset[str]) -> bool:
    return any(_one_sided(said, written, one, other) for pair in _opposites() for one, other in (pair, pair[::-1]))


def _one_sided(said: frozenset[str], written: frozenset[str], one: frozenset[str], other: frozenset[str]) -> bool:
    return not said.isdisjoint(one) and said.isdisjoint(other) and written.isdisjoint(one) and bool(written & other)


@cache
def _negations() -> frozenset[str]:
    return frozenset(toml("support")["negations"].split())


@cache
def _opposites() -> tuple[tuple[frozenset[str], frozenset[str]], ...]:
    pairs = toml("support")["opposites"]
    return tuple((frozenset(pair["one"].split()), frozenset(pair["other"].split())) for pair in pairs)
