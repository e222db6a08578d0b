"""One question answered with retrieval, under `rag_queries_total` and its siblings."""

import operator
from asyncio import CancelledError
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from contextvars import ContextVar, Token
from enum import StrEnum
from time import perf_counter
from types import TracebackType
from typing import Final, Self

from prometheus_client import REGISTRY, CollectorRegistry

from ai_monitoring.llm.rag import journal
from ai_monitoring.llm.rag.block import Block
from ai_monitoring.llm.rag.stage import Stage
from ai_monitoring.metrics.instrument import instrument
from ai_monitoring.telemetry import spans

UNCHOSEN: Final = "none"
"""The strategy of a query that ended before one was chosen."""


class Status(StrEnum):
    """How a query ended: `cancelled` where whoever asked did not wait for the answer."""

    OK = "ok"
    ERROR = "error"
    CANCELLED = "cancelled"


class Query(Block):
    """A query under way: see `query`. A value that cannot be right is an instrumentation error, and ignored."""

    def __init__(self, strategy: str = "", registry: CollectorRegistry = REGISTRY) -> None:
        super().__init__(registry)
        self.strategy = self._name(strategy) if strategy else UNCHOSEN
        self.document_ids: tuple[str, ...] = ()
        """Of what the search found, where it was told by ids."""
        self._documents: int | None = None
        self._confidence: float | None = None
        self._open = ExitStack()
        self._span = spans.OFF
        self._token: Token[Query | None] | None = None
        self._start = 0.0

    def __enter__(self) -> Self:
        self._token = _current.set(self)
        if spans.is_on():
            self._span = self._open.enter_context(spans.span("retrieval"))
        if self.strategy != UNCHOSEN:
            self._chosen()
        self._start = perf_counter()
        return self

    def __exit__(
        self, cls: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        seconds = perf_counter() - self._start
        status = _status(error)
        try:
            self._count(status)
            if status is Status.OK:
                journal.answered(self.strategy, seconds, self._confidence, self._documents)
        except Exception:
            self._failed("The query could not be measured")
        self._open.__exit__(cls, error, trace)
        if self._token is not None:
            # A generator that a server reads may end in another context than it began in.
            with suppress(ValueError):
                _current.reset(self._token)

    def question(self, text: str) -> None:
        """Log that a question came; its text is withheld, unless AI_MONITORING_LOG_PROMPTS is `redacted`."""
        try:
            journal.question_received(text)
        except Exception:
            self._failed("The question could not be logged")

    def choose(self, strategy: str) -> None:
        """The strategy, where it is decided after the query began; the last one holds for the whole query."""
        self.strategy = self._name(strategy)
        self._chosen()

    def documents(self, found: int | Sequence[str]) -> None:
        """How many documents the search found, or their ids, which a request recorded meanwhile is told with; the last
        one holds.
        """
        try:
            self._documents, self.document_ids = _told(found)
        except Exception:
            self._failed(f"documents() takes a number of documents or a list of their ids, not {type(found).__name__}")

    def confidence(self, value: float) -> None:
        """How sure the answer is, from 0 to 1; the last one holds."""
        try:
            rated = float(value)
        except Exception:
            rated = -1.0
        if not 0 <= rated <= 1:
            self._failed("confidence() takes a number from 0 to 1")
            return
        self._confidence = rated

    def stage(self, name: str) -> Stage:
        """A stage of this query: as `rag.stage`, and part of the query's trace in any thread."""
        return Stage(name, self.registry, self._span)

    def _chosen(self) -> None:
        try:
            # At 0 before it ends, since increase() misses a new series' first value.
            for status in (Status.OK, Status.ERROR):
                instrument("rag_queries_total", self.registry).prepare((self.strategy, status.value))
            self._span.rename(f"strategy {self.strategy}")
            journal.strategy_chosen(self.strategy)
        except Exception:
            self._failed("The strategy could not be told")

    def _count(self, status: Status) -> None:
        instrument("rag_queries_total", self.registry)[self.strategy, status.value].inc()
        self._span.set(rag__strategy=self.strategy, rag__status=status.value)
        if self._documents is not None:
            instrument("rag_documents_retrieved", self.registry)[self.strategy].observe(self._documents)
            self._span.set(rag__documents=self._documents)
        if self._confidence is not None:
            instrument("rag_confidence_score", self.registry)[self.strategy].observe(self._confidence)
            self._span.set(rag__confidence=self._confidence)

    def _another(self) -> Self:
        return type(self)("" if self.strategy == UNCHOSEN else self.strategy, self.registry)


_current: ContextVar[Query | None] = ContextVar("ai_monitoring_rag_query", default=None)


def query(strategy: str = "", registry: CollectorRegistry = REGISTRY) -> Query:
    """A question answered with retrieval: a `with` block or a decorator, sync or async.

    Without a strategy, `choose` tells it later. An exception passes untouched and counts as status `error`; a cancelled
    task and an answer that nobody reads to its end count as `cancelled`.
    """
    return Query(strategy, registry)


def current_query() -> Query:
    """The query that this code is part of, for functions that are not handed it; outside, one that counts nothing."""
    return _current.get() or Query()


def _told(found: int | Sequence[str]) -> tuple[int, tuple[str, ...]]:
    """How many, and the ids that say something. Raises TypeError or ValueError."""
    if isinstance(found, list | tuple):
        return len(found), tuple(one for one in found if str.strip(one))
    count = operator.index(found)  # type: ignore[arg-type]
    if count < 0:
        raise ValueError(count)
    return count, ()


def _status(error: BaseException | None) -> Status:
    if error is None:
        return Status.OK
    return Status.CANCELLED if isinstance(error, CancelledError | GeneratorExit) else Status.ERROR
