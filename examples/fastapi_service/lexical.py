"""Search by words: BM25, as Robertson and Zaragoza describe it in "The Probabilistic Relevance Framework" (2009)."""

import math
import re
from collections import Counter
from collections.abc import Sequence

SATURATION = 1.5  # k1: how soon a word that is repeated counts no more
LENGTH_WEIGHT = 0.5  # b: how much a long text is marked down
_WORD = re.compile(r"\w+")
_STOP_WORDS = (
    "a am an and are as at be by can do does for from have how i if in is it many me much my of on or should so "
    "take that the this to was what when which while will with would you your"
)
_STOPPED = frozenset(_STOP_WORDS.split())


class LexicalIndex:
    """Finds the texts that share a query's rare words."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._counts = [Counter(words(text)) for text in texts]
        lengths = [count.total() for count in self._counts]
        mean = sum(lengths) / len(lengths)
        self._norms = [SATURATION * (1 - LENGTH_WEIGHT + LENGTH_WEIGHT * length / mean) for length in lengths]
        self._spread = Counter(word for count in self._counts for word in count)

    def search(self, query: str) -> list[tuple[int, float]]:
        """The texts that hold a word of the query, best first: each one's number, with its BM25 score."""
        wanted = set(words(query))
        scores = [sum(self._score(number, word) for word in wanted) for number in range(len(self._counts))]
        return sorted(((number, score) for number, score in enumerate(scores) if score), key=lambda found: -found[1])

    def coverage(self, query: str, number: int) -> float:
        """How much of the query a text holds, 0 to 1: the share of its words, the rare ones counting for more."""
        wanted = set(words(query))
        held = sum(self._rarity(word) for word in wanted if word in self._counts[number])
        return held / (sum(map(self._rarity, wanted)) or 1.0)

    def _score(self, number: int, word: str) -> float:
        count = self._counts[number][word]
        return self._rarity(word) * count * (SATURATION + 1) / (count + self._norms[number])

    def _rarity(self, word: str) -> float:
        holders = self._spread[word]
        return math.log(1 + (len(self._counts) - holders + 0.5) / (holders + 0.5))


def words(text: str) -> list[str]:
    """The words that tell texts apart, in lower case and without the plural's s."""
    found = _WORD.findall(text.lower())
    return [word.removesuffix("s") if len(word) > 3 else word for word in found if word not in _STOPPED]
