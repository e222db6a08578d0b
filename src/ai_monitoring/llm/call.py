"""One call to a language model under way: its clock, its span, and what is known of it so far."""

import logging
from threading import Lock
from time import perf_counter

from prometheus_client import REGISTRY, CollectorRegistry

from ai_monitoring.llm import accounting, finished, meter
from ai_monitoring.llm.claims import claim_current_span
from ai_monitoring.llm.errors import count_error
from ai_monitoring.llm.meter import CallResult
from ai_monitoring.llm.names import model_name, operation_name
from ai_monitoring.llm.outcome import Status
from ai_monitoring.llm.usage import Usage
from ai_monitoring.telemetry import spans
from ai_monitoring.web.meter import current_trace, parse_traceparent

logger = logging.getLogger("ai_monitoring.llm")
clock = perf_counter

NO_ERROR = frozenset({Status.OK, Status.ABANDONED, Status.CANCELLED})


class LLMCall:
    """Begins when it is made, and counts with the first `end`. Its methods raise nothing.

    `model` is the one asked for. `team` and `project` go before what the context or the service says. The call is a
    client span, child of the current one, but not the current one itself: it may end elsewhere, as a stream does.
    """

    __slots__ = (
        "_answered_by",
        "_ended",
        "_estimate",
        "_exemplar",
        "_first_token",
        "_labels",
        "_rate_limited",
        "_registry",
        "_span",
        "_start",
        "_told",
        "_usage",
        "model",
        "operation",
        "provider",
    )

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
        self.provider = model_name(provider)
        self.model = model_name(model)
        self.operation = operation_name(operation)
        self._registry = registry
        self._labels = accounting.labels(team, project)
        self._answered_by: str | None = None
        self._told: finished.Told | None = None
        self._usage: Usage | None = None
        self._estimate: Usage | None = None
        self._first_token: float | None = None
        self._rate_limited = 0
        self._ended = Lock()
        self._span = spans.OFF
        self._exemplar: dict[str, str] | None = None
        try:
            self._begin()
        except Exception:
            count_error("llm", registry)
        self._start = clock()

    def _begin(self) -> None:
        claim_current_span()
        attributes = {
            "gen_ai.operation.name": self.operation,
            "gen_ai.provider.name": self.provider,
            "gen_ai.request.model": self.model,
        }
        self._span = spans.begin(f"{self.operation} {self.model}", attributes, kind="client")
        own = self._span.traceparent
        self._exemplar = parse_traceparent(own) if own else current_trace(None)
        meter.meter(self._registry).prepare(self.provider, self.model, self.operation, *self._labels)

    def first_token(self) -> None:
        """The first token of a streamed answer is here; later ones change nothing."""
        if self._first_token is None:
            self._first_token = clock() - self._start

    def answered_by(self, model: str) -> None:
        """The model that the provider says has answered: the price is looked up by it first."""
        self._answered_by = model_name(model)

    def use(self, usage: Usage) -> None:
        """What the provider has counted; the last one holds."""
        self._usage = usage

    def estimate(self, usage: Usage) -> None:
        """What the call may have used, for where the provider tells nothing; counted as estimated."""
        self._estimate = usage

    def tell(self, told: finished.Told) -> None:
        """What was asked and answered, for those who want to know when the call ends."""
        self._told = told

    def rate_limited(self) -> None:
        """The provider has answered 429 once, whether or not the client tries again."""
        self._rate_limited += 1

    def end(self, status: Status = Status.OK, error: BaseException | None = None) -> None:
        """Count the call, end its span, and log an error; the first time only."""
        if not self._ended.acquire(blocking=False):
            return
        seconds = clock() - self._start
        try:
            result = self._result(status, seconds)
            meter.count(result, self._registry)
            finished.tell(result, self._told, self._registry)
            self._end_span(result, error)
            if status not in NO_ERROR:
                self._log_error(status, error, seconds)
        except Exception:
            count_error("llm", self._registry)

    def _result(self, status: Status, seconds: float) -> CallResult:
        limited = self._rate_limited or int(status is Status.RATE_LIMITED)
        return CallResult(
            provider=self.provider,
            model=self.model,
            operation=self.operation,
            status=status,
            seconds=seconds,
            team=self._labels[0],
            project=self._labels[1],
            answered_by=self._answered_by,
            first_token_seconds=self._first_token,
            usage=self._usage or self._estimate,
            estimated=self._usage is None and self._estimate is not None,
            rate_limited=limited,
            exemplar=self._exemplar,
        )

    def _end_span(self, result: CallResult, error: BaseException | None) -> None:
        if result.answered_by:
            self._span.set(gen_ai__response__model=result.answered_by)
        if result.usage:
            self._span.set(**_usage_attributes(result.usage))
        if result.status not in NO_ERROR:
            self._span.fail(error or result.status)
        self._span.end()

    def _log_error(self, status: Status, error: BaseException | None, seconds: float) -> None:
        """Without the error's text, which may hold a key or the prompt."""
        kind = type(error).__name__ if error else str(status)
        logger.warning(
            "LLM error: %s %s, %s after %.2f s (%s)",
            self.provider,
            self.model,
            status.value.replace("_", " "),
            seconds,
            kind,
            extra={
                "gen_ai.provider.name": self.provider,
                "gen_ai.request.model": self.model,
                "gen_ai.operation.name": self.operation,
                "error.type": kind,
                "status": status.value,
                "seconds": round(seconds, 3),
            },
        )


def _usage_attributes(usage: Usage) -> dict[str, int]:
    """OpenTelemetry's names; those of a cache and of reasoning only where there was any."""
    parts = {
        "gen_ai.usage.cache_read.input_tokens": usage.cache_read_tokens,
        "gen_ai.usage.cache_write.input_tokens": usage.cache_write_tokens,
        "gen_ai.usage.reasoning.output_tokens": usage.reasoning_tokens,
    }
    return {
        "gen_ai.usage.input_tokens": usage.input_tokens,
        "gen_ai.usage.output_tokens": usage.output_tokens,
        **{name: tokens for name, tokens in parts.items() if tokens},
    }
