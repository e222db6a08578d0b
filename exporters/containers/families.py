"""A reading as Prometheus reads it."""

from collections.abc import Iterator
from dataclasses import dataclass

from prometheus_client.metrics_core import Metric as Family

from ai_monitoring.metrics.families import family
from exporters.containers.container import Container
from exporters.containers.reader import Reading


@dataclass(frozen=True, slots=True)
class Families:
    """A collector of one reading."""

    reading: Reading

    def collect(self) -> Iterator[Family]:
        """The metrics of the containers; a series without a value is missing."""
        reading = self.reading
        for name in ("up", "healthy", "cpu_seconds", "memory_bytes", "memory_limit_bytes"):
            values = [(_labels(one), getattr(one, name)) for one in reading.containers]
            yield family(f"container_{name}{'_total' if name == 'cpu_seconds' else ''}", values)
        for name, totals in (("restarts", reading.restarts), ("oom_kills", reading.oom_kills)):
            yield family(
                f"container_{name}_total", [(_labels(one), totals.get(one.name)) for one in reading.containers]
            )
        yield from _replicas(reading)


def _replicas(reading: Reading) -> Iterator[Family]:
    """How many of each service there should be and are; half a reading cannot tell."""
    wanted = [one for one in reading.containers if one.wanted and reading.complete]
    services = sorted({one.service for one in wanted})
    for name, counted in (("wanted", wanted), ("running", [one for one in wanted if one.up])):
        counts = [([service], sum(one.service == service for one in counted)) for service in services]
        yield family(f"container_replicas_{name}", counts)


def _labels(container: Container) -> list[str]:
    return [container.service, container.name]
