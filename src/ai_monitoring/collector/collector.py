"""One record of an AI request in, every dimension out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType, TracebackType
from typing import Any, Final, Self

from prometheus_client import REGISTRY, CollectorRegistry

from ai_monitoring.collector import events
from ai_monitoring.collector.admission import Admission
from ai_monitoring.collector.backlog import Backlog
from ai_monitoring.collector.dimensions import Dimension, Dimensions
from ai_monitoring.collector.door import Door
from ai_monitoring.collector.llm_calls import LLMCalls
from ai_monitoring.collector.recent import Recent
from ai_monitoring.collector.request import AIRequest
from ai_monitoring.collector.summary import Summary
from ai_monitoring.configuration import Configuration, load_config
from ai_monitoring.llm.errors import count_error
from ai_monitoring.metrics.instrument import instrument
from ai_monitoring.quality.evaluator import Evaluator

WAYS: Final = ("record", "submit", "llm")
_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class MetricsCollector:
    """Takes AI requests and yields what can be read of each, at once and as metrics in `registry`.

    `configuration` is monitoring.yaml's where None; `evaluators` replace the built-in ones. Safe for several threads.
    Raises ConfigurationError where monitoring.yaml cannot be used.
    """

    def __init__(
        self,
        configuration: Configuration | None = None,
        *,
        registry: CollectorRegistry = REGISTRY,
        evaluators: Iterable[Evaluator] | None = None,
    ) -> None:
        self._configuration = load_config() if configuration is None else configuration
        self._registry = registry
        self._dimensions = Dimensions(self._configuration, registry, evaluators)
        self._door = Door(registry, self._dimensions.pseudonym)
        self._recorded = Recent()
        self._summary = Summary(self._configuration.currency)
        collection = self._configuration.collection
        self._backlog = Backlog(collection, self._assess, registry)
        self._calls = LLMCalls(collection, registry, self._hold)
        self._ways = instrument("ai_requests_recorded_total", registry)
        self._repeated = instrument("ai_requests_repeated_total", registry)
        self._failures = instrument("ai_monitoring_dimension_failures_total", registry)
        for way in WAYS:
            self._ways.prepare(way)
        for dimension in self._dimensions.all:
            self._failures.prepare(dimension.name)

    def start(self) -> None:
        """Take submitted requests and listen to `llm.instrument()`; a second time changes nothing."""
        self._dimensions.open()
        self._backlog.open()
        self._calls.start()

    def stop(self, timeout: float = 10.0) -> None:
        """Record what was submitted, for at most `timeout` seconds, and take no more; the rest is counted as lost."""
        self._calls.stop()
        self._backlog.stop(timeout)
        self._dimensions.close(timeout)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, cls: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def record(self, request: AIRequest, *, calls: Sequence[str] = ()) -> Mapping[str, Any]:
        """The readings of a request, by dimension: technical, cognitive, finops, devops, compliance.

        Runs on the caller's thread. Raises TypeError or ValueError for what is wrong by type, and nothing else. A
        request id that was recorded before is read again and counted no more. `calls` are the ids that the provider
        gave its answers, where the request has an id of its own: what `llm.instrument()` counted counts once.
        """
        return self._assess(self._admitted(request, calls), "record")

    def submit(self, request: AIRequest, *, calls: Sequence[str] = ()) -> bool:
        """Have a request recorded by a thread of the collector's, and return at once.

        False where it is lost, which is counted: the queue is full, or the collector has stopped. Raises as `record`.
        """
        return self._backlog.put(self._admitted(request, calls), "submit")

    def get_summary(self) -> dict[str, Any]:
        """What was recorded since the collector was made, in all and by model: requests, tokens, cost, worth."""
        return self._summary.told()

    def _admitted(self, request: AIRequest, calls: Sequence[str]) -> Admission:
        admission = self._door.admit(request)
        ids = (admission.request.request_id, *calls)
        return replace(admission, call_ids=ids, call_counted=self._calls.counted(ids))

    def _hold(self, request: AIRequest, recorded: bool) -> None:
        admission = replace(self._door.admit(request), call_counted=True, booked_only=not recorded)
        self._backlog.put(admission, "llm", held=True)

    def _assess(self, admission: Admission, way: str) -> Mapping[str, Any]:
        request = admission.request
        new = self._recorded.add(request.request_id)
        for identity in admission.call_ids:
            self._recorded.add(identity)
        if not new and way == "llm":
            return _NOTHING  # the application has recorded it, and knew more
        if admission.booked_only:
            self._read(self._dimensions.money, admission, _NOTHING)
            return _NOTHING
        admission = admission if new else replace(admission, new=False)
        (self._ways[way] if new else self._repeated[()]).inc()
        readings: dict[str, Any] = {}
        for dimension in self._dimensions.all:
            readings[dimension.name] = self._read(dimension, admission, readings)
        if new:
            self._tell(request, readings)
        return MappingProxyType(readings)

    def _tell(self, request: AIRequest, readings: Mapping[str, Any]) -> None:
        try:
            self._summary.add(request, readings)
            events.log(request, readings)
        except Exception:
            count_error("collector", self._registry)

    def _read(self, dimension: Dimension, admission: Admission, readings: Mapping[str, Any]) -> Any:
        try:
            return dimension.assess(admission, readings)
        except Exception:
            self._failures[dimension.name].inc()
            count_error("collector", self._registry)
            return dimension.empty
