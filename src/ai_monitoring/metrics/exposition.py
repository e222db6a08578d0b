"""The text that Prometheus scrapes: one process or many, with collectors that read at scrape time, behind a token."""

import hmac
import logging
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.multiprocess import MultiProcessCollector

logger = logging.getLogger("ai_monitoring.metrics")
_warned: list[bool] = []
_LIVE_FILE = re.compile(r"gauge_live\w+_(\d+)\.db")


class ScrapeCollector(Protocol):
    """Reads its values when scraped, in the one process that answers: right whatever the number of workers."""

    def collect(self) -> Iterable[Family]: ...


def expose(
    accept: str = "", *, registry: CollectorRegistry = REGISTRY, collectors: Sequence[ScrapeCollector] = ()
) -> tuple[bytes, str]:
    """The metrics and their content type, in the format that the `Accept` header asks for.

    With `PROMETHEUS_MULTIPROC_DIR` set, the sum over all worker processes that share that folder. Exemplars appear in
    the OpenMetrics format alone, which Prometheus asks for by itself.
    """
    encode, content_type = choose_encoder(accept)
    return encode(_Sources((_base(registry), *collectors))), content_type


def authorized(authorization: str | None) -> bool:
    """Whether a request with this `Authorization` header may read the metrics.

    Always, unless `AI_MONITORING_METRICS_TOKEN` or `AI_MONITORING_METRICS_TOKEN_FILE` (read at each scrape, so that a
    token can be changed without a restart) names a bearer token. Raises OSError when that file cannot be read or is
    empty.
    """
    token = _token()
    if token is None:
        return True
    return hmac.compare_digest((authorization or "").encode(), f"Bearer {token}".encode())


def _token() -> str | None:
    file = os.environ.get("AI_MONITORING_METRICS_TOKEN_FILE")
    if file:
        token = Path(file).read_text(encoding="utf-8", errors="replace").strip()
        if not token:
            raise OSError(f"{file} is empty")
        return token
    return os.environ.get("AI_MONITORING_METRICS_TOKEN") or None


def warn_of_lone_worker() -> None:
    """Log, once, that this worker shows its own numbers alone. For a page of one of several processes to call."""
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR") and not _warned:
        _warned.append(True)
        logger.warning(
            "This is one of several worker processes, and each scrape sees one of them alone: name an empty folder in "
            "PROMETHEUS_MULTIPROC_DIR before the workers start"
        )


class _Sources:
    """Several collectors seen as one registry. A name that more than one of them brings is shown once, with all its
    samples: a page that declares a name twice is malformed.
    """

    def __init__(self, sources: Sequence[ScrapeCollector]) -> None:
        self._sources = sources

    def collect(self) -> Iterator[Family]:
        families: dict[str, Family] = {}
        for source in self._sources:
            for family in source.collect():
                known = families.get(family.name)
                families[family.name] = family if known is None else _joined(known, family)
        yield from families.values()


def _joined(one: Family, other: Family) -> Family:
    joined = Family(one.name, one.documentation, one.type, one.unit)
    joined.samples = [*one.samples, *other.samples]
    return joined


def _base(registry: CollectorRegistry) -> ScrapeCollector:
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if not folder:
        return registry
    _forget_dead_workers(Path(folder))
    return MultiProcessCollector(None, folder)


def _forget_dead_workers(folder: Path) -> None:
    """Remove the live gauges of workers that are gone, which prometheus_client leaves to a hook of the server."""
    for path in folder.glob("gauge_live*.db"):
        match = _LIVE_FILE.fullmatch(path.name)
        if match and not Path("/proc", match[1]).exists() and Path("/proc/self").exists():
            path.unlink(missing_ok=True)
