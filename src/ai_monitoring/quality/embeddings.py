"""Groundedness by meaning: vectors of an OpenAI-compatible embeddings service, compared by cosine."""

import math
from collections.abc import Sequence
from typing import Final, Literal

from ai_monitoring.quality.evaluator import Evaluation, Exchange
from ai_monitoring.quality.judge import CHARACTERS_A_TOKEN, Budget, client

GROUNDED: Final = 0.6
_MOST_SENTENCES: Final = 64


class EmbeddingsEvaluator:
    """Each sentence of the answer against the closest one of the documents; the score is the mean cosine, 0 to 1.

    Sees paraphrases that words do not; sees neither negation nor another number. The texts go to `address`;
    `model`, `key`, `budget` and `timeout` (seconds) as for JudgeEvaluator.
    """

    name = "embeddings"
    high_is: Literal["good", "bad", "neither"] = "good"

    def __init__(self, address: str, model: str, key: str, budget: Budget, timeout: float = 10.0) -> None:
        self._model, self._budget = model, budget
        self._client = client(address, key, timeout)

    def evaluate(self, exchange: Exchange) -> Evaluation:
        """Labels as groundedness: grounded, ungrounded, no_context. Raises BudgetSpentError and httpx2's errors."""
        said = [sentence.raw for sentence in exchange.response_text.sentences[:_MOST_SENTENCES]]
        written = [sentence.raw for text in exchange.context_texts for sentence in text.sentences][:_MOST_SENTENCES]
        if not said or not written:
            return Evaluation(0.5, "no_context", "nothing to compare")
        vectors = self._vectors([*said, *written])
        answers, documents = vectors[: len(said)], vectors[len(said) :]
        score = sum(max(cosine(one, other) for other in documents) for one in answers) / len(said)
        score = min(1.0, max(0.0, score))
        return Evaluation(round(score, 3), "grounded" if score >= GROUNDED else "ungrounded", f"{len(said)} sentences")

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _vectors(self, texts: list[str]) -> list[list[float]]:
        self._budget.reserve(sum(map(len, texts)) // CHARACTERS_A_TOKEN)
        response = self._client.post("/embeddings", json={"model": self._model, "input": texts})
        response.raise_for_status()
        return [row["embedding"] for row in sorted(response.json()["data"], key=lambda row: int(row["index"]))]


def cosine(one: Sequence[float], other: Sequence[float]) -> float:
    """Of the angle between two vectors, -1 to 1; 0 where one has no length. Raises ValueError for other lengths."""
    lengths = math.hypot(*one) * math.hypot(*other)
    return sum(a * b for a, b in zip(one, other, strict=True)) / lengths if lengths else 0.0
