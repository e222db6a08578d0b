"""What every evaluator takes and gives."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, Protocol

from ai_monitoring.quality.text import Text


@dataclass(frozen=True)
class Exchange:
    """One prompt and its answer, as an evaluator reads them. Its repr shows none of the texts.

    `context` holds the retrieved documents, `confidence` what the application says of its answer (0 to 1), `language`
    the two-letter code of the answer where it is known. Derived readings live as long as the exchange, no longer.
    """

    prompt: str = field(repr=False)
    response: str = field(repr=False)
    context: tuple[str, ...] = field(default=(), repr=False)
    confidence: float | None = None
    language: str | None = None

    @cached_property
    def prompt_text(self) -> Text:
        """The prompt's words, read once for all evaluators."""
        return Text(self.prompt)

    @cached_property
    def response_text(self) -> Text:
        """The answer's words, in `language` where that is given."""
        return Text(self.response, self.language)

    @cached_property
    def context_texts(self) -> tuple[Text, ...]:
        """The documents' words."""
        return tuple(Text(document) for document in self.context)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What an evaluator says: `score` from 0 to 1, a `label` from its fixed set, and why.

    `reason` and `findings` are kinds and counts, never a part of the text. `findings` are what was found, by kind, with
    how often; `parts` are the scores that `score` was made of, by name.
    """

    score: float
    label: str
    reason: str
    findings: Mapping[str, int] = field(default_factory=dict)
    parts: Mapping[str, float] = field(default_factory=dict)


class Evaluator(Protocol):
    """Anything with a name that gives an Evaluation of an Exchange. It may raise and may be slow: Suite bounds it.

    One with a true attribute `linear` promises time in proportion to its bounded texts and no call outside the process;
    Suite then spares it a thread.
    """

    @property
    def name(self) -> str:
        """Lower case, for labels and settings."""

    @property
    def high_is(self) -> Literal["good", "bad", "neither"]:
        """How to read a score of 1."""

    def evaluate(self, exchange: Exchange) -> Evaluation:
        """Judge one exchange, on texts that Suite has bounded."""
