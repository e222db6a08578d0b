from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from docker_engine import Engine, running_engine


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    async with running_engine(tmp_path) as engine:
        yield engine
