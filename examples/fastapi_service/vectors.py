"""Search by meaning: embeddings, compared by the cosine of the angle between them."""

import math
from collections.abc import Sequence

Vector = Sequence[float]


class VectorIndex:
    """Finds the texts whose vectors point where the query's does."""

    def __init__(self, vectors: Sequence[Vector]) -> None:
        self._vectors = [_unit(vector) for vector in vectors]

    def search(self, query: Vector) -> list[tuple[int, float]]:
        """All texts, nearest first: each one's number, with the cosine, -1 to 1."""
        wanted = _unit(query)
        cosines = [sum(map(float.__mul__, wanted, vector)) for vector in self._vectors]
        return sorted(enumerate(cosines), key=lambda found: -found[1])


def _unit(vector: Vector) -> list[float]:
    length = math.hypot(*vector) or 1.0
    return [float(value) / length for value in vector]
