"""Tokens of a text where the provider tells none: counted by rs-bpe if it is installed, else by length."""

from functools import cache
from typing import Any

CHARACTERS_PER_TOKEN = 4
"""OpenAI's rule of thumb for English: https://help.openai.com/en/articles/4936856"""

_MAX_COUNTED = 20_000
"""Characters that are really counted; the rest of a longer text is taken to be alike."""

_CL100K = ("gpt-4-", "gpt-3.5", "text-embedding-")


def estimate_tokens(text: str, model: str | None = None) -> int:
    """About how many tokens a text has. Never raises; an empty text has none."""
    if not text:
        return 0
    counted = text[:_MAX_COUNTED]
    encoding = _encoding("cl100k" if _is_cl100k(model or "") else "o200k")
    tokens = -(-len(counted) // CHARACTERS_PER_TOKEN) if encoding is None else _count(encoding, counted)
    return tokens if counted is text else round(tokens * len(text) / len(counted))


def _is_cl100k(model: str) -> bool:
    return model == "gpt-4" or model.startswith(_CL100K)


def _count(encoding: Any, text: str) -> int:
    # A lone surrogate is no Unicode text.
    return int(encoding.count(text.encode("utf-8", errors="replace").decode()))


@cache
def _encoding(name: str) -> Any:
    """The tokenizer, or None without rs-bpe. OpenAI's; other providers' count within about a fifth of it."""
    try:
        from rs_bpe.bpe import openai
    except ImportError:
        return None
    return openai.cl100k_base() if name == "cl100k" else openai.o200k_base()
