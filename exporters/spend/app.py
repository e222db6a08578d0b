"""The exporter of what the ledger knows."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from prometheus_client import REGISTRY, CollectorRegistry
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool

from exporters.recent import Recent
from exporters.serving import routes
from exporters.spend.families import Families
from exporters.spend.reader import Reader

CACHE_SECONDS = 5.0
"""However often it is scraped, the ledger is read once in that time."""


def exporter(reader: Reader, registry: CollectorRegistry = REGISTRY, cache_seconds: float = CACHE_SECONDS) -> Starlette:
    """The application; it closes the reader at its end."""
    recent = Recent(lambda: run_in_threadpool(reader.read), cache_seconds)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        reader.close()

    return Starlette(routes=routes("spend", recent, Families, registry), lifespan=lifespan)
