from collections.abc import Iterator
from pathlib import Path

import pytest

from ai_monitoring.compliance.audit import AuditLog


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "compliance"


@pytest.fixture
def log(folder: Path) -> Iterator[AuditLog]:
    log = AuditLog(folder)
    yield log
    log.close()
