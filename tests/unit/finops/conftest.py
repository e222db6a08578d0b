from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ai_monitoring.finops.entry import Entry
from ai_monitoring.finops.ledger import Ledger

MakeEntry = Callable[..., Entry]


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Of a SQLite file that is not there yet; the environment names none."""
    monkeypatch.delenv("AI_MONITORING_LEDGER", raising=False)
    return f"sqlite:///{tmp_path / 'ledger' / 'ledger.db'}"


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    with Ledger(url) as made:
        yield made


@pytest.fixture
def make_entry() -> MakeEntry:
    """An entry of one euro, with what is named changed."""

    def make(request_id: str = "r", **changed: Any) -> Entry:
        whole = {
            "at": 0.0,
            "provider": "openai",
            "model": "gpt-4o",
            "team": "search",
            "project": "chat",
            "currency": "EUR",
            "cost": Decimal(1),
        }
        return Entry(request_id=request_id, **{**whole, **changed})

    return make
