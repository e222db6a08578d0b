"""Calls of any other client: a context manager around the call, or one line after it."""

from types import TracebackType
from typing import Self

from prometheus_client import REGISTRY, CollectorRegistry

from ai_monitoring.llm import accounting, meter
from ai_monitoring.llm.call import LLMCall
from ai_monitoring.llm.errors import count_error
from ai_monitoring.llm.meter import CallResult
from ai_monitoring.llm.outcome import Status, status_of
from ai_monitoring.llm.usage import Usage


class llm_call:  # noqa: N801 - used as a function, like contextlib's
    """Watches the call that its block makes, sync or async:

    with llm_call("mistral", "mistral-small") as call:
        answer = client.complete(prompt)
        call.usage(input_tokens=answer.prompt_tokens, output_tokens=answer.completion_tokens)

    An exception passes through, and is counted by its kind. `operation` is one of chat, responses, embeddings,
    messages, completion, other.
    """

    def __init__(
        self,
        provider: str,
        model: str,
        operation: str = "chat",
        *,
        team: str | None = None,
        project: str | None = None,
        registry: CollectorRegistry = REGISTRY,
    ) -> None:
        self._settings = (provider, model, operation, team, project, registry)
        self._call: LLMCall | None = None

    def first_token(self) -> None:
        """The first token of a streamed answer is here."""
        if self._call:
            self._call.first_token()

    def answered_by(self, model: str) -> None:
        """The model that the provider says has answered, which its price is looked up by."""
        if self._call:
            self._call.answered_by(model)

    def usage(
        self,
        *,
        input_tokens: int,
        output_tokens: int = 0,
        cache_read_tokens: int | None = None,
        cache_write_tokens: int = 0,
        reasoning_tokens: int = 0,
    ) -> None:
        """What the provider has counted. Input holds cached tokens, output holds reasoning. `cache_read_tokens` is None
        where the provider tells nothing of a prompt cache; 0 is a miss.
        """
        if self._call:
            usage = Usage(
                input_tokens=input_tokens,
                output_tokens=output_tokens,
                cache_read_tokens=cache_read_tokens or 0,
                cache_write_tokens=cache_write_tokens,
                reasoning_tokens=reasoning_tokens,
                caching_told=cache_read_tokens is not None,
            )
            self._call.use(usage)

    def __enter__(self) -> Self:
        provider, model, operation, team, project, registry = self._settings
        self._call = LLMCall(provider, model, operation, team=team, project=project, registry=registry)
        return self

    def __exit__(
        self, cls: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._call:
            self._call.end(Status.OK if error is None else status_of(error), error)

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self, cls: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(cls, error, trace)


def record_call(
    provider: str,
    model: str,
    *,
    seconds: float,
    usage: Usage | None = None,
    operation: str = "chat",
    status: Status | str = Status.OK,
    first_token_seconds: float | None = None,
    answered_by: str | None = None,
    team: str | None = None,
    project: str | None = None,
    registry: CollectorRegistry = REGISTRY,
) -> None:
    """Count a call that is over, such as one of a batch. Raises ValueError for an unknown status."""
    ended = Status(status)
    labels = accounting.labels(team, project)
    result = CallResult(
        provider=provider,
        model=model,
        operation=operation,
        status=ended,
        seconds=seconds,
        team=labels[0],
        project=labels[1],
        answered_by=answered_by,
        first_token_seconds=first_token_seconds,
        usage=usage,
        rate_limited=int(ended is Status.RATE_LIMITED),
    )
    meter.count(result, registry)


def record_cache(
    *,
    hit: bool,
    provider: str = "",
    model: str = "",
    saved: Usage | None = None,
    registry: CollectorRegistry = REGISTRY,
) -> None:
    """Count a look into an application's own cache of answers.

    For a hit, `saved` is what the call would have used; its price by `provider` and `model` counts as saved.
    """
    try:
        meter.meter(registry).cache_answered(hit, *meter.price_of(provider, model, saved if hit else None))
    except Exception:
        count_error("llm", registry)
