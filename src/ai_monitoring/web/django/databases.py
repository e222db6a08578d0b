"""Connections in use and allowed, as the database server counts them, or the pool of this process."""

import os
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final

from django.db import connections
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric as Family

from ai_monitoring.metrics.catalog import CATALOG
from ai_monitoring.web.django.queries import opened
from ai_monitoring.web.django.readings import Source

# Whoever may connect may read these: only queries and states of other users' connections are hidden, and then
# backend_type is too. The connection that asks is ours, and closed as soon as it is answered.
POSTGRESQL: Final = """
SELECT (SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
          AND coalesce(backend_type, 'client backend') = 'client backend'),
       (SELECT CASE WHEN datconnlimit < 0 THEN server ELSE least(datconnlimit, server) END
        FROM pg_database, (SELECT current_setting('max_connections')::int AS server) AS setting
        WHERE datname = current_database())
"""


def sources() -> list[Source]:
    """One for each alias whose kind of database can tell its connections."""
    return [
        Source("django_db_connections", partial(_families, alias, read))
        for alias in connections
        if (read := READERS.get(connections[alias].vendor)) is not None
    ]


def _families(alias: str, read: Callable[[Any], tuple[int, int | None]]) -> Iterable[Family]:
    active, maximum = read(connections[alias])
    yield _gauge("django_db_connections_active", alias, active)
    if maximum is not None:
        yield _gauge("django_db_connections_max", alias, maximum)


def _gauge(name: str, alias: str, value: int) -> Family:
    family = GaugeMetricFamily(name, CATALOG[name].help, labels=CATALOG[name].labels)
    family.add_metric([alias], value)
    return family


def _postgresql(connection: Any) -> tuple[int, int]:
    # Each process has a pool of its own, and one process alone answers a scrape: with several, the server tells.
    pool = getattr(connection, "pool", None) if "PROMETHEUS_MULTIPROC_DIR" not in os.environ else None
    if pool is not None:
        stats = pool.get_stats()
        return stats["pool_size"] - stats["pool_available"], stats["pool_max"]
    with connection.cursor() as cursor:
        cursor.execute(POSTGRESQL)
        active, maximum = cursor.fetchone()
    return active, maximum


def _mysql(connection: Any) -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute("SHOW GLOBAL STATUS LIKE 'Threads_connected'")
        connected = int(cursor.fetchone()[1])
        cursor.execute("SELECT @@GLOBAL.max_connections")
        return connected - 1, int(cursor.fetchone()[0])


def _sqlite(connection: Any) -> tuple[int, None]:
    """A file has no server: the connections of this process."""
    return sum(other.alias == connection.alias and other.connection is not None for other in list(opened)), None


READERS: Final[dict[str, Callable[[Any], tuple[int, int | None]]]] = {
    "postgresql": _postgresql,
    "mysql": _mysql,
    "sqlite": _sqlite,
}
