"""One record of an AI request in, every dimension out."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType, TracebackType
from typing import Any, Self

from prometheus_client import REGISTRY, CollectorRegistry

from ai_monitoring.collector.admission import Admission
from ai_monitoring.collector.dimensions import Dimension, dimensions
from ai_monitoring.collector.recent import Recent
from ai_monitoring.collector.request import AIRequest
from ai_monitoring.configuration import Configuration, load_config
from ai_monitoring.llm.errors import count_error
from ai_monitoring.metrics.instrument import instrument
from ai_monitoring.quality.evaluator import Evaluator

WAYS = ("record", "submit", "llm")


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
        self._dimensions = dimensions(self._configuration, registry, evaluators)
        self._recorded = Recent()
        self._ways = instrument("ai_requests_recorded_total", registry)
        self._repeated = instrument("ai_requests_repeated_total", registry)
        self._failures = instrument("ai_monitoring_dimension_failures_total", registry)
        for way in WAYS:
            self._ways.prepare(way)
        for dimension in self._dimensions:
            self._failures.prepare(dimension.name)

    def start(self) -> None:
        """Begin; a second time changes nothing."""

    def stop(self, timeout: float = 10.0) -> None:
        """End, after at most `timeout` seconds."""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, cls: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def record(self, request: AIRequest) -> Mapping[str, Any]:
        """The readings of a request, by dimension: technical, cognitive, finops, devops, compliance.

        Runs on the caller's thread. Raises TypeError or ValueError for what is wrong by type, and nothing else. A
        request id that was recorded before is read again and counted no more.
        """
        return self._assess(Admission(request, request.user, new=self._recorded.add(request.request_id)), "record")

    def _assess(self, admission: Admission, way: str) -> Mapping[str, Any]:
        if admission.new:
            self._ways[way].inc()
        else:
            self._repeated[()].inc()
        readings: dict[str, Any] = {}
        for dimension in self._dimensions:
            readings[dimension.name] = self._read(dimension, admission, readings)
        return MappingProxyType(readings)

    def _read(self, dimension: Dimension, admission: Admission, readings: Mapping[str, Any]) -> Any:
        try:
            return dimension.assess(admission, readings)
        except Exception:
            self._failures[dimension.name].inc()
            count_error("collector", self._registry)
            return dimension.empty
