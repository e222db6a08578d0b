"""OpenAI's embeddings: hashed words and character n-grams, so that texts that share them are near each other."""

import base64
import math
import re
from array import array
from functools import lru_cache
from typing import Any
from zlib import crc32

from examples.upstream.answers import estimate
from examples.upstream.orders import Orders

DIMENSIONS = 256
MAX_DIMENSIONS = 4096
_WORD = re.compile(r"\w+")
_SIZES = (3, 4)


@lru_cache(maxsize=2048)
def embed(text: str, dimensions: int = DIMENSIONS, other: str = "") -> tuple[float, ...]:
    """A vector of length 1; the same text has the same vector on every machine. `other` names another model."""
    vector = [0.0] * dimensions
    for word in _WORD.findall(text.lower()):
        framed = f" {word} "
        for feature in (framed, *_grams(framed)):
            # The hash's first bit is the sign, so that unrelated features cancel out rather than add up.
            number = crc32(f"{other}{feature}".encode())
            vector[number % dimensions] += 1.0 if number & 0x80000000 else -1.0
    length = math.sqrt(sum(value * value for value in vector)) or 1.0
    return tuple(value / length for value in vector)


def _grams(word: str) -> list[str]:
    return [word[start : start + size] for size in _SIZES for start in range(len(word) - size + 1)]


def whole(model: str, body: dict[str, Any], orders: Orders) -> dict[str, Any]:
    """Raises ValueError for an input or a number of dimensions that is none."""
    texts = _texts(body.get("input"))
    dimensions = body.get("dimensions", DIMENSIONS)
    if not isinstance(dimensions, int) or not 1 <= dimensions <= MAX_DIMENSIONS:
        raise ValueError(f"dimensions: a number from 1 to {MAX_DIMENSIONS}")
    encode = _base64 if body.get("encoding_format") == "base64" else list
    vectors = [encode(embed(text, dimensions, orders.embedding)) for text in texts]
    data = [{"object": "embedding", "index": index, "embedding": vector} for index, vector in enumerate(vectors)]
    return {"object": "list", "model": model, "data": data, **_usage(texts, orders)}


def _texts(given: Any) -> list[str]:
    """The texts to embed: one or many, each as text or as token numbers."""
    many = isinstance(given, list) and bool(given) and not isinstance(given[0], int)
    items = given if many else [given]
    if not all(item and isinstance(item, str | list) for item in items):
        raise ValueError("input: a text, or a list of texts, none of them empty")
    return [item if isinstance(item, str) else " ".join(map(str, item)) for item in items]


def _base64(vector: tuple[float, ...]) -> str:
    return base64.b64encode(array("f", vector).tobytes()).decode()


def _usage(texts: list[str], orders: Orders) -> dict[str, Any]:
    if orders.usage == "none":
        return {}
    if orders.usage == "malformed":
        return {"usage": {"prompt_tokens": "many", "total_tokens": None}}
    told = orders.input_tokens
    tokens = told if told is not None else sum(estimate(len(text)) for text in texts)
    return {"usage": {"prompt_tokens": tokens, "total_tokens": tokens}}
