import fcntl
import os
import stat
import threading
from pathlib import Path

import pytest

from ai_monitoring.telemetry import spool as spool_module
from ai_monitoring.telemetry.outbox import Batch
from ai_monitoring.telemetry.spool import Spool, SpoolFullError


def adopted(root: Path) -> list[bytes]:
    spool = Spool(root)
    batches: list[Batch] = list(spool.adopt())
    return [batch.read() for batch in batches]


def test_what_a_process_left_is_adopted_in_order(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    for content in (b"one", b"two"):
        spool.write(content, 5)
    spool.close()
    assert adopted(tmp_path) == [b"one", b"two"]
    assert not spool.folder.exists()


def test_what_a_living_process_keeps_stays_its_own(tmp_path: Path) -> None:
    living = Spool(tmp_path)
    living.write(b"mine", 1)
    assert adopted(tmp_path) == []
    living.close()


def test_a_file_that_was_half_written_is_left_out(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.write(b"whole", 1)
    (spool.folder / "00000000000000000002-1.otlp.draft").write_bytes(b"ha")
    spool.close()
    assert adopted(tmp_path) == [b"whole"]


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    file = spool.write(b"x", 1).file
    assert file is not None
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(spool.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "spool").stat().st_mode) == 0o700
    spool.close()


def test_it_is_bounded(tmp_path: Path) -> None:
    spool = Spool(tmp_path, max_bytes=10)
    spool.write(b"x" * 6, 1)
    with pytest.raises(SpoolFullError):
        spool.write(b"x" * 6, 1)
    spool.close()


def test_what_is_in_it_is_measured_now_and_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(spool_module, "monotonic", lambda: now)
    spool, other = Spool(tmp_path, max_bytes=10), Spool(tmp_path)
    file = spool.write(b"x" * 3, 1).file
    assert file is not None
    other.write(b"x" * 6, 1)
    spool.write(b"x" * 3, 1)  # of the other's it does not know yet
    now += spool_module.MEASURE_EVERY
    with pytest.raises(SpoolFullError):
        spool.write(b"x", 1)
    file.unlink()
    with pytest.raises(SpoolFullError):
        spool.write(b"x", 1)
    now += spool_module.MEASURE_EVERY
    spool.write(b"x", 1)
    spool.close()
    other.close()


def test_a_folder_with_nothing_left_goes(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.close()
    assert not list(tmp_path.iterdir())


def test_nobody_adopts_while_a_subfolder_is_being_made(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    adopting = threading.Thread(target=lambda: list(spool.adopt()))
    making = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(making, fcntl.LOCK_EX)
    adopting.start()
    (tmp_path / "half-made").mkdir()
    (tmp_path / "half-made" / "lock").touch()
    adopting.join(0.05)
    assert adopting.is_alive()
    assert (tmp_path / "half-made").exists()
    os.close(making)
    adopting.join(10)
    spool.close()
    assert not adopting.is_alive()
