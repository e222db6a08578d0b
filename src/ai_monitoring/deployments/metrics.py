"""The deployments as Prometheus reads them: when each was, by service, version and status."""

from collections.abc import Iterable, Iterator
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from ai_monitoring.deployments.log import DeploymentLog
from ai_monitoring.metrics.families import family

SHOWN: Final = 100
"""The latest so many are exposed: what is older, Prometheus has recorded."""


class DeploymentMetrics(Collector):
    """Reads the log at each scrape. A version that was deployed twice has the time of the second."""

    def __init__(self, log: DeploymentLog, registry: CollectorRegistry) -> None:
        self._log = log
        registry.register(self)

    def describe(self) -> Iterable[Metric]:
        return [family("ai_deployment_timestamp_seconds", [])]

    def collect(self) -> Iterator[Metric]:
        latest = reversed(self._log.latest(SHOWN))
        times = {(one.service, one.version, one.status): one.at for one in latest}
        yield family("ai_deployment_timestamp_seconds", times.items())
