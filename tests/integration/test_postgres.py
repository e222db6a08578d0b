"""Sessions and connections as a real PostgreSQL server knows them."""

import json
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from django_service import Service
from postgres_server import Server, running

ACTIVE, MAXIMUM = "django_db_connections_active{default}", "django_db_connections_max{default}"
SESSIONS = "django_sessions_active"
CONNECTION_ERRORS = "ai_monitoring_instrumentation_errors_total{django_db_connections}"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture
def settings(server: Server) -> Iterator[Callable[..., str]]:
    """Settings of a project on that server, as its role `app`, with these options."""

    def make(engine: str = "django.db.backends.postgresql", **chosen: Any) -> str:
        database = {"ENGINE": engine, "HOST": str(server.folder), "NAME": "app", "USER": "app", **chosen}
        return json.dumps({"DATABASES": {"default": database}})

    yield make
    server.sql("DROP TABLE IF EXISTS django_session", "ALTER DATABASE app CONNECTION LIMIT -1")


def eventually(service: Service, expected: dict[str, float]) -> dict[str, float]:
    """The first page that shows this: connections take a moment to end."""
    deadline = monotonic() + 20
    while monotonic() < deadline:
        page = service.scrape()
        if all(page.get(name) == value for name, value in expected.items()):
            return page
        sleep(0.2)
    raise AssertionError({name: page.get(name) for name in expected})


def send(signal_number: signal.Signals, processes: list[int]) -> None:
    for process in processes:
        with suppress(ProcessLookupError):  # a connection that has just ended
            os.kill(process, signal_number)


@pytest.mark.parametrize("workers", [1, 2])
def test_connections_and_sessions_are_those_the_server_knows(
    server: Server, settings: Callable[..., str], tmp_path: Path, workers: int
) -> None:
    with Service(tmp_path, "gunicorn", workers, SETTINGS=settings()) as service:
        service.get("/session/")
        service.client.cookies.clear()
        service.get("/session/")
        server.sql("INSERT INTO django_session VALUES ('old', '', now() - interval '1 minute')")
        with server.connect(), server.connect():
            page = eventually(service, {ACTIVE: 2, MAXIMUM: 25, SESSIONS: 2})
        assert page[CONNECTION_ERRORS] == 0
        server.sql("ALTER DATABASE app CONNECTION LIMIT 7")
        eventually(service, {ACTIVE: 0, MAXIMUM: 7})


@pytest.mark.parametrize("workers", [1, 2])
def test_with_a_pool_its_own_limit_counts_in_one_process(
    server: Server, settings: Callable[..., str], tmp_path: Path, workers: int
) -> None:
    pool = settings(OPTIONS={"pool": {"min_size": 2, "max_size": 5}})
    with Service(tmp_path, "gunicorn", workers, SETTINGS=pool) as service, ThreadPoolExecutor() as threads:
        service.get("/query/")
        waiting = threads.submit(service.get, "/wait/")
        page = eventually(service, {ACTIVE: 1, MAXIMUM: 5} if workers == 1 else {MAXIMUM: 25})
        waiting.result()

    assert page[ACTIVE] >= 1


def test_beside_the_back_end_of_django_prometheus(server: Server, settings: Callable[..., str], tmp_path: Path) -> None:
    with Service(tmp_path, SETTINGS=settings("django_prometheus.db.backends.postgresql")) as service:
        service.get("/query/")
        page = eventually(service, {ACTIVE: 0, MAXIMUM: 25, SESSIONS: 0})

    assert page["django_db_query_duration_seconds_count{default,postgresql}"] >= 1
    assert "django_db_query_duration_seconds_count{default}" not in page


def test_a_server_that_hangs_holds_up_no_scrape_and_shows_no_old_number(
    server: Server, settings: Callable[..., str], tmp_path: Path
) -> None:
    with Service(tmp_path, SETTINGS=settings()) as service:
        eventually(service, {ACTIVE: 0, SESSIONS: 0})
        processes = server.processes()
        try:
            send(signal.SIGSTOP, processes)
            pages = [service.scrape() for _ in range(2)]
        finally:
            send(signal.SIGCONT, processes)
        assert all(name not in page for page in pages for name in (ACTIVE, MAXIMUM, SESSIONS))
        assert [page[CONNECTION_ERRORS] for page in pages] == [1, 2]
        assert "django_requests_in_progress" in pages[0]


def test_a_server_that_is_gone_is_a_failure_of_its_own(
    server: Server, settings: Callable[..., str], tmp_path: Path
) -> None:
    with Service(tmp_path, SETTINGS=settings()) as service:
        eventually(service, {ACTIVE: 0})
        server.sql("ALTER ROLE app NOLOGIN")
        try:
            page = service.scrape()
        finally:
            server.sql("ALTER ROLE app LOGIN")
        assert ACTIVE not in page
        assert page[CONNECTION_ERRORS] == 1
        eventually(service, {ACTIVE: 0})
