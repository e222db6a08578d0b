from pathlib import Path

import pytest
from span_store import store_of
from starlette.applications import Starlette
from starlette.testclient import TestClient
from trace_corpus import corpus_spans

from ai_monitoring.embedded.tempo.routes import routes


@pytest.fixture
def begin() -> int:
    """When the corpus begins, in nanoseconds since 1970."""
    return 1_700_000_000 * 10**9


@pytest.fixture
def tempo(tmp_path: Path, begin: int) -> TestClient:
    """The API over the corpus."""
    return TestClient(Starlette(routes=routes(store_of(tmp_path, corpus_spans(begin)))))
