"""Calls that the instrumentation of an SDK has counted: none counts twice, and those that are wanted are recorded."""

import zlib
from collections.abc import Callable, Iterable, Sequence
from contextvars import ContextVar
from typing import Any
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

block: ContextVar[list[Counted] | None] = ContextVar("ai_monitoring_recorded_block", default=None)
"""The calls that ended within the MonitoringContext around them, by id."""

_NO_ANSWER = "embeddings"
_TOKENS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens")


class LLMCalls:
    """Listens to the calls of one registry. `take` gets those that are to be recorded."""

    def __init__(self, settings: Collection, registry: CollectorRegistry, take: Callable[[AIRequest], object]) -> None:
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
        if inside is not None:
            inside.append((identity, result))
        elif told is not None and self._wanted(result, identity):
            self._take(_request(result, told, identity))

    def _wanted(self, result: CallResult, identity: str) -> bool:
        """By a hash of the id, so that it does not depend on the process that asks."""
        settings = self._settings
        sampled = settings.llm_calls and zlib.crc32(identity.encode("utf-8", "replace")) < settings.sample * 2**32
        return sampled and result.operation != _NO_ANSWER


def tokens_of(results: Iterable[CallResult]) -> dict[str, Any]:
    """What the calls used together, as fields of a request; embeddings have a model and a price of their own."""
    used = [result.usage.sound() for result in results if result.usage and result.operation != _NO_ANSWER]
    return {name: total for name in _TOKENS if (total := sum(getattr(usage, name) for usage in used))}


def _request(result: CallResult, told: Told, identity: str) -> AIRequest:
    first = result.first_token_seconds
    return AIRequest(
        request_id=identity,
        provider=result.provider,
        model=result.model,
        prompt=question_text(told.body),
        response="".join(told.pieces),
        latency_ms=result.seconds * 1000,
        time_to_first_token_ms=None if first is None else first * 1000,
        error=None if result.status in NO_ERROR else result.status.value,
        rate_limited=result.rate_limited > 0,
        team=result.team,
        project=result.project,
        operation=result.operation,
        **tokens_of([result]),
    )
