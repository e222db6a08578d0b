"""Three ways to find the entry that answers a question: A by its words, B by its meaning, C by both."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from examples.fastapi_service.faq import Entry
from examples.fastapi_service.lexical import LexicalIndex, words
from examples.fastapi_service.vectors import Vector, VectorIndex

KEPT = 5
FUSION_RANK = 60  # how much less the first ranks count in a fusion, as its authors propose
KEYWORDS, DESCRIPTION = 2, 10


class Strategy(StrEnum):
    """A: lexical (BM25). B: vectors (embeddings). C: both, by reciprocal rank fusion."""

    A = "A"
    B = "B"
    C = "C"


def choose(question: str) -> Strategy:
    """Keywords are looked up, long descriptions compared by meaning; what lies between deserves both."""
    length = len(words(question))
    return Strategy.A if length <= KEYWORDS else Strategy.B if length >= DESCRIPTION else Strategy.C


@dataclass(frozen=True, slots=True)
class Found:
    """An entry, and how sure it is that it answers the question: 0 to 1."""

    entry: Entry
    confidence: float


class Search:
    """All three strategies over one set of entries. B and C need `vectors`, one for each entry."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = entries
        self._lexical = LexicalIndex([entry.text for entry in entries])
        self._vectors: VectorIndex | None = None

    def add_vectors(self, vectors: Sequence[Vector]) -> None:
        """Raises ValueError unless there is one for each entry."""
        if len(vectors) != len(self._entries):
            raise ValueError(f"{len(vectors)} vectors for {len(self._entries)} entries")
        self._vectors = VectorIndex(vectors)

    @property
    def loaded(self) -> tuple[Strategy, ...]:
        return tuple(Strategy) if self._vectors is not None else (Strategy.A,)

    def by_words(self, question: str) -> list[Found]:
        """Strategy A."""
        best = self._lexical.search(question)[:KEPT]
        return [Found(self._entries[number], self._lexical.coverage(question, number)) for number, _ in best]

    def by_meaning(self, vector: Vector) -> list[Found]:
        """Strategy B."""
        assert self._vectors is not None, "add_vectors comes first"  # noqa: S101 - a programming error
        best = self._vectors.search(vector)[:KEPT]
        return [Found(self._entries[number], max(0.0, min(1.0, cosine))) for number, cosine in best]

    def by_both(self, question: str, vector: Vector) -> list[Found]:
        """Strategy C: whoever stands high in both lists comes first, and is as sure as both are on average."""
        lists = self.by_words(question), self.by_meaning(vector)
        scores: dict[str, float] = {}
        confidences: dict[str, float] = {}
        for found in lists:
            for rank, one in enumerate(found, 1):
                scores[one.entry.id] = scores.get(one.entry.id, 0.0) + 1 / (FUSION_RANK + rank)
                confidences[one.entry.id] = confidences.get(one.entry.id, 0.0) + one.confidence / len(lists)
        entries = {one.entry.id: one.entry for found in lists for one in found}
        ranked = sorted(scores, key=lambda name: -scores[name])[:KEPT]
        return [Found(entries[name], confidences[name]) for name in ranked]
