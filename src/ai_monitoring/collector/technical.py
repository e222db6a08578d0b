"""How a recorded request went: times, tokens, errors; counted as a call that is under watch."""

import re
from dataclasses import dataclass, field
from typing import Final

from prometheus_client import CollectorRegistry

from ai_monitoring.collector.admission import Admission
from ai_monitoring.collector.request import AIRequest
from ai_monitoring.llm import meter
from ai_monitoring.llm.accounting import NONE
from ai_monitoring.llm.call import NO_ERROR
from ai_monitoring.llm.meter import MIN_SECONDS, CallResult, LLMMeter
from ai_monitoring.llm.outcome import Status, status_of_name
from ai_monitoring.llm.prices import Prices
from ai_monitoring.llm.usage import Usage
from ai_monitoring.web.meter import current_trace

_SEPARATORS = re.compile(r"[\s_\-]+")
_MAX_PREPARED: Final = 1000
_KINDS: Final = {status.value.replace("_", ""): status for status in Status}


@dataclass(frozen=True, slots=True)
class Latency:
    """In milliseconds; None where the application said nothing."""

    total_ms: float = 0.0
    time_to_first_token_ms: float | None = None
    inference_time_ms: float | None = None


@dataclass(frozen=True, slots=True)
class TechnicalReading:
    """`tokens_per_second` is output over the time after the first token, None where that is too short to tell.

    `status` is that label's of llm_requests_total; `error_type` the same, None where it is no error.
    """

    latency: Latency = field(default_factory=Latency)
    input_tokens: int = 0
    output_tokens: int = 0
    tokens_per_second: float | None = None
    status: str = Status.OK.value
    error_type: str | None = None
    rate_limited: bool = False
    cache_hit: bool = False


class Technical:
    """Reads requests, and counts each under `llm_…` unless the instrumentation did.

    An answer out of the application's own cache (`cache_hit` without tokens read from the provider's) is no call: it
    counts as a hit, and what the call would have cost as saved. Once there was a hit, other requests count as misses.
    """

    def __init__(self, registry: CollectorRegistry, prices: Prices) -> None:
        self._meter: LLMMeter = meter.meter(registry)
        self._meter.prices = prices  # so that a reading and a metric name one price
        self._prices = prices
        self._has_cache = False
        self._prepared: set[tuple[str, str, str, str, str]] = set()

    def assess(self, admission: Admission) -> TechnicalReading:
        request = admission.request
        status = status_of_request(request)
        if admission.new and not admission.call_counted:
            self._count(request, status)
        return TechnicalReading(
            latency=Latency(request.latency_ms, request.time_to_first_token_ms, request.inference_time_ms),
            input_tokens=request.input_tokens,
            output_tokens=request.output_tokens,
            tokens_per_second=_speed(request),
            status=status.value,
            error_type=None if status in NO_ERROR else status.value,
            rate_limited=request.rate_limited or status is Status.RATE_LIMITED,
            cache_hit=request.cache_hit,
        )

    def _count(self, request: AIRequest, status: Status) -> None:
        usage = request.usage
        if request.from_own_cache:
            self._has_cache = True
            cost = self._prices.cost(request.provider, (request.model,), usage)
            self._meter.cache_answered(True, cost.total if cost else 0.0, self._prices.currency)
            return
        if self._has_cache and not (usage.cache_read_tokens or usage.cache_write_tokens):
            self._meter.cache_answered(False, 0.0, "")
        call = _call(request, status, usage)
        self._prepare((call.provider, call.model, call.operation, call.team, call.project))
        self._meter.count(call)

    def _prepare(self, call: tuple[str, str, str, str, str]) -> None:
        """Once for each of the first calls: the metrics have a cap, too."""
        if call not in self._prepared and len(self._prepared) < _MAX_PREPARED:
            self._prepared.add(call)
            self._meter.prepare(*call)


def status_of_request(request: AIRequest) -> Status:
    """By the error's kind or class name, whatever its spelling: `rate-limit`, `APITimeoutError`, `503`."""
    if not request.error:
        return Status.OK
    name = _SEPARATORS.sub("", request.error).lower()
    found = _KINDS.get(name) or status_of_name(name)
    return Status.RATE_LIMITED if found is Status.ERROR and request.rate_limited else found


def _call(request: AIRequest, status: Status, usage: Usage) -> CallResult:
    first = request.time_to_first_token_ms
    return CallResult(
        provider=request.provider,
        model=request.model,
        operation=request.operation,
        status=status,
        seconds=request.latency_ms / 1000,
        team=request.team or NONE,
        project=request.project or NONE,
        first_token_seconds=None if first is None else first / 1000,
        usage=usage if usage.input_tokens or usage.output_tokens else None,
        rate_limited=int(request.rate_limited or status is Status.RATE_LIMITED),
        exemplar=current_trace(None),
    )


def _speed(request: AIRequest) -> float | None:
    seconds = (request.latency_ms - (request.time_to_first_token_ms or 0.0)) / 1000
    if seconds < MIN_SECONDS or not request.output_tokens:
        return None
    return round(request.output_tokens / seconds, 3)
