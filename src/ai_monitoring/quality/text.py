"""A text as the rules read it: folded, in words, in sentences."""

import re
from functools import cache, cached_property
from typing import Any, Final

from ai_monitoring.quality.disguise import unmasked, without_accents, without_digits

MAX_CHARACTERS: Final = 16_384
"""Of a longer text, the first three quarters of these and the last quarter are read."""

_TOKEN = re.compile(r"""[^\W_][^\W_@$]{0,39}(?:[@$][^\W_]{1,40})?|[.!?…\n]|["«»“”]""")
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")
_ENDS = frozenset(".!?…\n")
_QUOTES = frozenset('"«»“”')
_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]{1,40}(?:\d{1,20})?")


class Text:
    """Lazily read: each property is computed once, when an evaluator first asks."""

    def __init__(self, text: str, language: str | None = None) -> None:
        self.raw = bounded(text)
        self._language = language

    @property
    def language(self) -> str:
        """Two letters, `und` where nothing tells."""
        return self._language or self.detected[0]

    @cached_property
    def detected(self) -> tuple[str, float]:
        """The language that its words tell, and how clearly, from 0 to 1."""
        from ai_monitoring.quality.language import detect

        return detect(self.raw)

    @cached_property
    def plain(self) -> str:
        """Disguises undone, lower case, without accents: words between single blanks, ` . ` after a sentence, ` " ` for
        any quotation mark. What the patterns of rules/*.toml match.
        """
        return plain(unmasked(self.raw))

    @cached_property
    def sentences(self) -> tuple["Sentence", ...]:
        """Those that hold a word."""
        found = (Sentence(part, self.language) for part in _SENTENCE.split(self.raw))
        return tuple(sentence for sentence in found if sentence.words)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Lower case, without accents."""
        return tuple(word for sentence in self.sentences for word in sentence.words)

    @cached_property
    def stems(self) -> frozenset[str]:
        """Of the words that carry meaning."""
        return frozenset().union(*(sentence.stems for sentence in self.sentences))


class Sentence:
    """A sentence's words and the stems of those that carry meaning."""

    def __init__(self, raw: str, language: str) -> None:
        self.raw = raw
        self.words = tuple(_WORD.findall(folded(raw)))
        self.language = language

    @cached_property
    def stems(self) -> frozenset[str]:
        """Without function words; a number stands for itself."""
        from ai_monitoring.quality.lexicon import function_words

        left_out = function_words()
        return frozenset(stems(tuple(word for word in self.words if word not in left_out), self.language))


def bounded(text: str, limit: int = MAX_CHARACTERS) -> str:
    """The text, or its head and tail, without lone surrogates (they cannot be encoded, some libraries fail on them)."""
    if len(text) > limit:
        head = limit * 3 // 4
        text = f"{text[:head]}\n{text[head - limit :]}"
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def folded(text: str) -> str:
    """Lower case without accents, compatibility forms resolved: `Éﬁ` is `efi`."""
    if text.isascii():
        return text.lower()
    return without_accents(text).casefold()


def plain(text: str) -> str:
    """See Text.plain; `text` is folded already."""
    return f" {' '.join([token if token.isalpha() else _shown(token) for token in _TOKEN.findall(text)])} "


def stems(words: tuple[str, ...], language: str) -> list[str]:
    """Snowball's stems in French or, for any other language, English; of numbers, digits without separators."""
    found: list[str] = _stemmer("french" if language == "fr" else "english").stemWords(words)
    return found


def _shown(token: str) -> str:
    if token in _ENDS:
        return "."
    return '"' if token in _QUOTES else without_digits(token)


@cache
def _stemmer(language: str) -> Any:
    import Stemmer

    return Stemmer.Stemmer(language)
