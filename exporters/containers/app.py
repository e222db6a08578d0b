"""The exporter of containers."""

from prometheus_client import REGISTRY, CollectorRegistry
from starlette.applications import Starlette

from exporters.containers.families import Families
from exporters.containers.reader import Reader
from exporters.recent import Recent
from exporters.serving import routes

CACHE_SECONDS = 2.0


def exporter(reader: Reader, registry: CollectorRegistry = REGISTRY, cache_seconds: float = CACHE_SECONDS) -> Starlette:
    """The application."""
    return Starlette(routes=routes("containers", Recent(reader.read, cache_seconds), Families, registry))
