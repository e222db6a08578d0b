from collections.abc import Iterator
from pathlib import Path

import pytest

from ai_monitoring.embedded.store.writer import Writer


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "embedded.db"


@pytest.fixture
def writer(file: Path) -> Iterator[Writer]:
    with Writer(file) as writer:
        yield writer
