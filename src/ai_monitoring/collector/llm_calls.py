"""Calls that the instrumentation has counted: none counts twice, each is booked, and those that are wanted are read."""

import zlib
from collections.abc import Callable, Iterable, Sequence
from contextvars import ContextVar
from typing import Any, NamedTuple
from uuid import uuid4

from prometheus_client import CollectorRegistry

from ai_monitoring.collector.recent import Recent
from ai_monitoring.collector.request import AIRequest
from ai_monitoring.collector.settings import Collection
from ai_monitoring.llm import finished
from ai_monitoring.llm.call import NO_ERROR
from ai_monitoring.llm.finished import Told
from ai_monitoring.llm.meter import CallResult
from ai_monitoring.llm.reading import question_text

Counted = tuple[str, CallResult]

_EMBEDDINGS = "embeddings"


class Block(NamedTuple):
    """A MonitoringContext of that operation, and the calls within it that its request stands for."""

    operation: str
    calls: list[Counted]

    def holds(self, result: CallResult) -> bool:
        """An embedding beside an answer has a model and a price of its own, and is booked by itself."""
        return self.operation == _EMBEDDINGS or result.operation != _EMBEDDINGS


block: ContextVar[Block | None] = ContextVar("ai_monitoring_recorded_block", default=None)
"""The one around a call."""

_TOKENS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens")


class LLMCalls:
    """Listens to the calls of one registry. `take` gets each, and whether it is to be recorded, or booked only."""

    def __init__(
        self, settings: Collection, registry: CollectorRegistry, take: Callable[[AIRequest, bool], object]
    ) -> None:
        self._settings, self._registry, self._take = settings, registry, take
        self._counted = Recent()

    def start(self) -> None:
        """Listen from now on; a second time changes nothing."""
        self.stop()
        finished.listen(self._ended)

    def stop(self) -> None:
        """Listen no more."""
        finished.leave(self._ended)

    def counted(self, ids: Sequence[str]) -> bool:
        """Whether one of these calls was counted already."""
        return any(identity in self._counted for identity in ids)

    def _ended(self, result: CallResult, told: Told | None, registry: CollectorRegistry) -> None:
        if registry is not self._registry:
            return
        identity = (told and told.id) or str(uuid4())
        self._counted.add(identity)
        inside = block.get()
        if inside is not None and inside.holds(result):
            inside.calls.append((identity, result))
        elif self._settings.llm_calls:
            texts = told if self._sampled(identity) and result.operation != _EMBEDDINGS else None
            self._take(_request(result, texts, identity), texts is not None)

    def _sampled(self, identity: str) -> bool:
        """By a hash of the id, so that it does not depend on the process that asks."""
        return zlib.crc32(identity.encode("utf-8", "replace")) < self._settings.sample * 2**32


def tokens_of(results: Iterable[CallResult]) -> dict[str, Any]:
    """What the calls used together, as fields of a request."""
    used = [result.usage.sound() for result in results if result.usage]
    return {name: total for name in _TOKENS if (total := sum(getattr(usage, name) for usage in used))}


def _request(result: CallResult, texts: Told | None, identity: str) -> AIRequest:
    first = result.first_token_seconds
    return AIRequest(
        request_id=identity,
        provider=result.provider,
        model=result.model,
        prompt=question_text(texts.body) if texts else "",
        response="".join(texts.pieces) if texts else "",
        latency_ms=result.seconds * 1000,
        time_to_first_token_ms=None if first is None else first * 1000,
        error=None if result.status in NO_ERROR else result.status.value,
        rate_limited=result.rate_limited > 0,
        team=result.team,
        project=result.project,
        operation=result.operation,
        **tokens_of([result]),
    )
