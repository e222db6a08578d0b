"""Counting calls: every way into the watch (the SDKs, the context manager, other instrumentations' spans) ends here."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from threading import Lock
from time import monotonic
from weakref import WeakKeyDictionary

from prometheus_client import REGISTRY, CollectorRegistry

from ai_monitoring.configuration import ConfigurationError, load_config
from ai_monitoring.llm.errors import count_error
from ai_monitoring.llm.names import model_name, operation_name
from ai_monitoring.llm.outcome import Status
from ai_monitoring.llm.prices import Prices
from ai_monitoring.llm.usage import Usage
from ai_monitoring.metrics.instrument import instrument
from ai_monitoring.web.meter import EXEMPLAR_INTERVAL

logger = logging.getLogger("ai_monitoring.llm")

MIN_SECONDS = 0.01
"""Of an answer that came faster, from a cache or in one piece, the speed says nothing of the model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallResult:
    """One call that has ended. Times in seconds; `first_token_seconds` of a stream alone. `usage` is None where the
    provider counted nothing and nothing was answered. `answered_by` is the model that the provider names.
    """

    provider: str
    model: str
    operation: str
    status: Status
    seconds: float
    team: str
    project: str
    answered_by: str | None = None
    first_token_seconds: float | None = None
    usage: Usage | None = None
    estimated: bool = False
    rate_limited: int = 0
    exemplar: Mapping[str, str] | None = None


@cache
def prices() -> Prices:
    """The prices of this process, by the configuration that it found first. Raises ConfigurationError."""
    return Prices(load_config())


@cache
def _prices() -> Prices | None:
    """None, once said loudly, where the configuration is broken: a call must not fail for that, nor read it again."""
    try:
        return prices()
    except ConfigurationError as error:
        logger.error("Calls to language models are counted without their cost: %s", error)
        return None


def price_of(provider: str, model: str, usage: Usage | None) -> tuple[float, str]:
    """What a call would cost, and in which currency; 0 where no price is known."""
    table = _prices()
    if table is None or usage is None:
        return 0.0, ""
    cost = table.cost(provider, (model,), usage)
    return (cost.total if cost else 0.0), table.currency


class LLMMeter:
    """Counts calls under `llm_…` in one registry."""

    prices: Prices | None = None
    """Those of a collector with a configuration of its own; else the process's."""

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        self._requests = instrument("llm_requests_total", registry)
        self._durations = instrument("llm_request_duration_seconds", registry)
        self._first_tokens = instrument("llm_time_to_first_token_seconds", registry)
        self._speeds = instrument("llm_output_tokens_per_second", registry)
        self._tokens = instrument("llm_tokens_total", registry)
        self._costs = instrument("llm_cost_total", registry)
        self._unpriced = instrument("llm_unpriced_requests_total", registry)
        self._estimated = instrument("llm_estimated_requests_total", registry)
        self._rate_limited = instrument("llm_rate_limited_total", registry)
        self._cached = instrument("llm_cache_requests_total", registry)
        self._saved = instrument("llm_cost_saved_total", registry)
        self._exemplar_due: dict[tuple[str, str, str], float] = {}

    def prepare(self, provider: str, model: str, operation: str, team: str, project: str) -> None:
        """Show at 0 what rules look at, before a model's first call has ended: they miss a series' first value."""
        for status in (Status.OK, Status.RATE_LIMITED, Status.SERVER_ERROR, Status.TIMEOUT):
            self._requests.prepare((provider, model, operation, status))
        for counter in (self._unpriced, self._estimated, self._rate_limited):
            counter.prepare((provider, model))
        for kind, _ in Usage().by_type():
            self._tokens.prepare((provider, model, kind))
        self._prepare_cost(provider, model, team, project)

    def _prepare_cost(self, provider: str, model: str, team: str, project: str) -> None:
        """Of a model that has a price: without one it costs nothing that is known, which is not 0."""
        table = self.prices or _prices()
        if table is None or (cost := (provider, model, team, project, table.currency)) in self._costs:
            return
        if table.cost(provider, (model,), Usage()) is not None:
            self._costs.prepare(cost)

    def count(self, call: CallResult) -> None:
        call = _sound(call)
        model = (call.provider, call.model)
        self._requests[*model, call.operation, call.status].inc()
        self._observe_times(call)
        if call.rate_limited:
            self._rate_limited[model].inc(call.rate_limited)
        if call.usage is not None:
            self._count_usage(call, call.usage)

    def cache_answered(self, hit: bool, saved: float, currency: str) -> None:
        # At 0 before the first hit, since increase() misses a new series' first value.
        self._cached.prepare("hit")
        if currency:
            self._saved.prepare(currency)
        self._cached["hit" if hit else "miss"].inc()
        if saved > 0:
            self._saved[currency].inc(saved)

    def _observe_times(self, call: CallResult) -> None:
        key = (call.provider, call.model, call.operation)
        duration, exemplar = self._durations[key], self._exemplar(key, call)
        duration.observe(call.seconds, exemplar)
        if call.first_token_seconds is not None:
            self._first_tokens[call.provider, call.model].observe(call.first_token_seconds, exemplar)

    def _exemplar(self, key: tuple[str, str, str], call: CallResult) -> Mapping[str, str] | None:
        """The call's trace, once a second for each series within the cap, which bounds what is kept here."""
        now = monotonic()
        if not call.exemplar or key not in self._durations or now < self._exemplar_due.get(key, 0.0):
            return None
        self._exemplar_due[key] = now + EXEMPLAR_INTERVAL
        return call.exemplar

    def _count_usage(self, call: CallResult, usage: Usage) -> None:
        model = (call.provider, call.model)
        for kind, tokens in usage.by_type():
            if tokens > 0:
                self._tokens[*model, kind].inc(tokens)
        if call.estimated:
            self._estimated[model].inc()
        if usage.output_tokens > 0:
            generating = call.seconds - (call.first_token_seconds or 0.0)
            if generating >= MIN_SECONDS:
                self._speeds[model].observe(usage.output_tokens / generating)
        self._count_cost(call, usage)

    def _count_cost(self, call: CallResult, usage: Usage) -> None:
        table = self.prices or _prices()
        models = tuple(dict.fromkeys(filter(None, (call.answered_by, call.model))))
        cost = table.cost(call.provider, models, usage) if table else None
        if cost is None or table is None:
            self._unpriced[call.provider, call.model].inc()
        else:
            self._costs[call.provider, call.model, call.team, call.project, table.currency].inc(cost.total)
        if usage.caching_told or usage.cache_read_tokens or usage.cache_write_tokens:
            saved, currency = (cost.saved, table.currency) if cost and table else (0.0, "")
            self.cache_answered(usage.cache_read_tokens > 0, saved, currency)


def _sound(call: CallResult) -> CallResult:
    """With names that can be labels, and counts that can be true."""
    return replace(
        call,
        provider=model_name(call.provider),
        model=model_name(call.model),
        operation=operation_name(call.operation),
        usage=None if call.usage is None else call.usage.sound(),
    )


_meters: WeakKeyDictionary[CollectorRegistry, LLMMeter] = WeakKeyDictionary()
_lock = Lock()


def meter(registry: CollectorRegistry = REGISTRY) -> LLMMeter:
    """The meter of a registry, made on first use."""
    found = _meters.get(registry)
    if found is None:
        with _lock:
            found = _meters.setdefault(registry, LLMMeter(registry))
    return found


def count(call: CallResult, registry: CollectorRegistry = REGISTRY) -> None:
    """Count one call; an error of ours stays here."""
    try:
        meter(registry).count(call)
    except Exception:
        count_error("llm", registry)
