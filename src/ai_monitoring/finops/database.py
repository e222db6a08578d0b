"""Where the ledger lies: its address, and an engine for it."""

import os
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from ai_monitoring.configuration import Configuration

VARIABLE: Final = "AI_MONITORING_LEDGER"
_BUSY_SECONDS = 10


class LedgerError(RuntimeError):
    """The ledger cannot be used: where it is, without a password, and why."""


def address(configuration: Configuration) -> str:
    """The ledger's SQLAlchemy URL: AI_MONITORING_LEDGER, else `ledger` of monitoring.yaml, else a SQLite file of the
    user's own, `~/.local/state/ai-monitoring/ledger.db`.
    """
    named = os.environ.get(VARIABLE) or configuration.ledger
    if named:
        return named
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return f"sqlite:///{Path(state) / 'ai-monitoring' / 'ledger.db'}"


def open_engine(text: str) -> Engine:
    """An engine for that URL; a SQLite file and its folder are made for their owner alone. Raises LedgerError."""
    try:
        url = make_url(text)
        if url.get_backend_name() != "sqlite":
            return create_engine(url, pool_pre_ping=True, pool_size=2)
        return _sqlite(url)
    except (NoSuchModuleError, ImportError) as error:
        raise LedgerError(f"{shown(text)}: its driver is not installed: {error}") from None
    except (ArgumentError, ValueError):  # what is wrong, such as a port, may be a piece of the password
        raise LedgerError(
            f"{VARIABLE}, or `ledger` in monitoring.yaml, is no URL such as sqlite:////var/lib/ai-monitoring/ledger.db;"
            " in a password write @ as %40"
        ) from None
    except OSError as error:
        raise LedgerError(f"{shown(text)} cannot be made: {error}") from error


def shown(text: str) -> str:
    """The URL without its password."""
    return make_url(text).render_as_string(hide_password=True)


def _sqlite(url: URL) -> Engine:
    if url.database and url.database != ":memory:":
        path = Path(url.database)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
    engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def _durable(connection: Any, _: Any) -> None:
        # A transaction begins where `book` says so; what was committed is on the disk.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")

    return engine
