"""Database queries timed by alias, through Django's own hook around each of them.

django-prometheus's database back ends register `django_db_query_duration_seconds` themselves, in the global registry
and with one label more. Hence a registry of our own, shown beside the global one, and no timing where theirs does it.
"""

from collections.abc import Callable
from contextlib import suppress
from threading import current_thread
from typing import Any, Final
from weakref import WeakSet

from django.db import connections
from django.db.backends.signals import connection_created
from prometheus_client import CollectorRegistry

from ai_monitoring.metrics.instrument import instrument
from ai_monitoring.web.meter import clock

REGISTRY: Final = CollectorRegistry()
SCRAPE_THREAD: Final = "ai-monitoring-scrape"
"""Name of the threads whose queries are ours, and therefore not timed."""

opened: Final[WeakSet[Any]] = WeakSet()
"""The connection objects of this process that have been opened at least once."""


def install() -> None:
    """Time the queries of every connection, those of this thread that are open already included."""
    connection_created.connect(_watch, dispatch_uid="ai_monitoring.queries")
    for connection in connections.all(initialized_only=True):
        if connection.connection is not None:
            _watch(connection=connection)


def timed_by_django_prometheus(connection: Any) -> bool:
    return any(cls.__module__.startswith("django_prometheus.") for cls in type(connection).__mro__)


def _watch(connection: Any, **_: Any) -> None:
    if current_thread().name == SCRAPE_THREAD:
        return
    opened.add(connection)
    wrappers = connection.execute_wrappers
    if timed_by_django_prometheus(connection) or any(isinstance(wrapper, _Timer) for wrapper in wrappers):
        return
    # First, not last: a block under connection.execute_wrapper(...) removes the last one when it ends.
    with suppress(Exception):
        observe = instrument("django_db_query_duration_seconds", REGISTRY)[connection.alias].observe
        wrappers.insert(0, _Timer(observe))


class _Timer:
    """Runs one query and observes its seconds, a failed one's too."""

    __slots__ = ("_observe",)

    def __init__(self, observe: Callable[[float], None]) -> None:
        self._observe = observe

    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        started = clock()
        try:
            return execute(sql, params, many, context)
        finally:
            with suppress(Exception):
                self._observe(clock() - started)
