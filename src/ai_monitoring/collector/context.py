"""A block that makes one AI request, recorded at its end."""

from collections.abc import Mapping
from contextlib import suppress
from contextvars import Token
from dataclasses import replace
from time import perf_counter
from types import MappingProxyType, TracebackType
from typing import Any, Final, Self
from uuid import uuid4

from ai_monitoring.collector.collector import MetricsCollector
from ai_monitoring.collector.door import check
from ai_monitoring.collector.llm_calls import Block, Counted, block, tokens_of
from ai_monitoring.collector.request import AIRequest
from ai_monitoring.llm.errors import count_error
from ai_monitoring.llm.outcome import status_of
from ai_monitoring.llm.rag.query import current_query

clock = perf_counter
_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class MonitoringContext:
    """Times its block, sync or async, and records the request at its end:

    with MonitoringContext(collector, provider="anthropic", model="claude-3-opus") as ctx:
        ctx.set_prompt(prompt)
        ctx.set_response(answer.text, input_tokens=50, output_tokens=500)

    Any field of AIRequest may be named with it. With `submit=True` the request is queued instead, so that the block's
    end waits for nothing. Calls of an SDK under watch within the block belong to the request, whose tokens are theirs
    unless it names its own; so do documents whose ids a `rag.query` around it was told. An exception passes through,
    and is recorded by its kind. Raises TypeError or ValueError for a value that is wrong by type, here and where it is
    set, never at the block's end.
    """

    def __init__(
        self,
        collector: MetricsCollector,
        *,
        provider: str,
        model: str,
        request_id: str | None = None,
        submit: bool = False,
        **fields: Any,
    ) -> None:
        self.results = _NOTHING
        """After the block: the readings, as `record` gives them; nothing with `submit`."""
        self._collector, self._submit = collector, submit
        identity = request_id or str(uuid4())
        self._request = check(AIRequest(request_id=identity, provider=provider, model=model, **fields))
        self._start = clock()
        self._calls: list[Counted] = []
        self._around: Token[Block | None] | None = None

    @property
    def request_id(self) -> str:
        """Given, or made here."""
        return self._request.request_id

    def set_prompt(self, prompt: str) -> None:
        """What the model is asked."""
        self._set(prompt=prompt)

    def set_response(self, response: str, **fields: Any) -> None:
        """The answer, and with it any other field, such as `output_tokens`, `context` or `confidence`."""
        self._set(response=response, **fields)

    def set_error(self, error: BaseException | str) -> None:
        """The request failed in a way that leaves the block without an exception."""
        self._set(error=status_of(error).value if isinstance(error, BaseException) else error)

    def first_token(self) -> None:
        """The first token of a streamed answer is here; later ones change nothing."""
        if self._request.time_to_first_token_ms is None:
            self._set(time_to_first_token_ms=self._elapsed())

    def __enter__(self) -> Self:
        self._around = block.set(Block(self._request.operation, self._calls))
        self._start = clock()
        return self

    def __exit__(
        self, cls: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._end(error)
        except Exception:
            count_error("collector")

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self, cls: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(cls, error, trace)

    def _end(self, error: BaseException | None) -> None:
        if not self._request.latency_ms:
            self._set(latency_ms=self._elapsed())
        if error is not None:
            self.set_error(error)
        if self._around is not None:
            with suppress(ValueError):  # a coroutine that was driven on in another context
                block.reset(self._around)
        request = self._request
        if not request.input_tokens and not request.output_tokens:
            request = replace(request, **tokens_of(result for _, result in self._calls))
        if not request.documents:
            request = replace(request, documents=current_query().document_ids)
        calls = [identity for identity, _ in self._calls]
        if self._submit:
            self._collector.submit(request, calls=calls)
        else:
            self.results = self._collector.record(request, calls=calls)

    def _set(self, **fields: Any) -> None:
        self._request = check(replace(self._request, **fields))

    def _elapsed(self) -> float:
        return max(0.0, clock() - self._start) * 1000
