"""The answer to a prompt: its text, the tool it calls, and what it counts."""

import json
import re
from dataclasses import dataclass
from itertools import cycle, islice
from time import time
from typing import Any
from uuid import uuid4

from examples.upstream.orders import Orders
from examples.upstream.prompts import Prompt

_WORD = re.compile(r"\w{3,}")
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")
_MAX_DEPTH = 8


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a call counts. `input` holds `cached` and `cache_write`, `output` holds `reasoning`."""

    input: int
    output: int
    cached: int = 0
    cache_write: int = 0
    reasoning: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """`pieces` is what a stream sends one by one: the answer's words, or the arguments of the tool that it calls."""

    model: str
    pieces: tuple[str, ...]
    tokens: Tokens
    tool: str | None
    usage: str
    id: str
    created: int

    @property
    def text(self) -> str:
        return "".join(self.pieces)


def make_answer(model: str, prompt: Prompt, orders: Orders) -> Answer:
    tool = prompt.tools[0] if prompt.tools else None
    if tool:
        pieces = _split(json.dumps(fill(tool["schema"], prompt.asked())))
    elif prompt.schema is not None:
        pieces = _split(json.dumps(fill(prompt.schema, _reply(prompt))))
    else:
        pieces = _fit(_split(_reply(prompt)), orders.output_tokens)
    return Answer(
        model=model,
        pieces=pieces,
        tokens=_count(prompt, pieces, orders),
        tool=tool["name"] if tool else None,
        usage=orders.usage,
        id=uuid4().hex[:24],
        created=int(time()),
    )


def estimate(characters: int) -> int:
    """Tokens of that many characters of text, at four characters a token."""
    return max(1, characters // 4)


def fill(schema: Any, text: str, whole: dict[str, Any] | None = None, depth: int = 0) -> Any:
    """A value that follows a JSON schema, with `text` wherever it asks for a string."""
    if not isinstance(schema, dict) or depth > _MAX_DEPTH:
        return None
    whole = whole if whole is not None else schema
    for name in ("anyOf", "oneOf", "allOf"):
        if schema.get(name):
            return fill(schema[name][0], text, whole, depth + 1)
    if "$ref" in schema:
        return fill(whole.get("$defs", {}).get(schema["$ref"].rpartition("/")[2]), text, whole, depth + 1)
    if "const" in schema or schema.get("enum"):
        return schema["const"] if "const" in schema else schema["enum"][0]
    return _of_type(schema, text, whole, depth)


def _of_type(schema: dict[str, Any], text: str, whole: dict[str, Any], depth: int) -> Any:
    match schema.get("type"):
        case "object":
            properties = schema.get("properties", {})
            return {name: fill(part, text, whole, depth + 1) for name, part in properties.items()}
        case "array":
            items = [fill(schema.get("items", {}), text, whole, depth + 1)]
            return items * max(1, schema.get("minItems", 1))
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
        case "null":
            return None
    return text


def _reply(prompt: Prompt) -> str:
    """The sentences of the passages that share most words with the question, in their own order."""
    question = _words(prompt.asked())
    sentences = [sentence.strip() for sentence in _SENTENCE.findall(prompt.passages()) if sentence.strip()]
    if not sentences:
        return f"I was given nothing to answer this from: {prompt.asked()[:200]}"
    close = [sentence for sentence in sentences if question & _words(sentence)] or sentences
    best = sorted(close, key=lambda sentence: -len(question & _words(sentence)))[:3]
    return " ".join(sentence for sentence in sentences if sentence in best)


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.lower()))


def _split(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\s*\S+", text)) or (text,)


def _fit(pieces: tuple[str, ...], length: int | None) -> tuple[str, ...]:
    if length is None:
        return pieces
    first, *rest = islice(cycle(pieces), max(1, length))
    return (first, *(piece if piece[:1].isspace() else f" {piece}" for piece in rest))


def _count(prompt: Prompt, pieces: tuple[str, ...], orders: Orders) -> Tokens:
    told, output = orders.input_tokens, orders.output_tokens
    return Tokens(
        input=told if told is not None else estimate(prompt.characters),
        output=output if output is not None else estimate(sum(map(len, pieces))) + orders.reasoning_tokens,
        cached=orders.cached_tokens,
        cache_write=orders.cache_write_tokens,
        reasoning=orders.reasoning_tokens,
    )
