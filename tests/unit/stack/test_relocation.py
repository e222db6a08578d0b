import subprocess
from pathlib import Path

import pytest

from ai_monitoring.stack.relocation import ALERTMANAGER_FILES, relocate_alertmanager


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What the archive's package unpacks to: its templates, and a program that reads them where it was built to."""
    folder = tmp_path / "programs"
    templates = folder / ALERTMANAGER_FILES.removeprefix("/")
    templates.mkdir(parents=True)
    (templates / "default.tmpl").write_text("a template\n", encoding="utf-8")
    program = folder / "usr" / "bin" / "prometheus-alertmanager"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\nexec /bin/cat {ALERTMANAGER_FILES}/default.tmpl\n", encoding="utf-8")
    program.chmod(0o755)
    return folder


def test_program_finds_its_files_from_the_folder_above(folder: Path) -> None:
    program = folder / "usr" / "bin" / "prometheus-alertmanager"
    size = program.stat().st_size
    relocate_alertmanager(folder)
    assert program.stat().st_size == size
    assert subprocess.run([program], cwd=folder.parent, capture_output=True, check=True).stdout == b"a template\n"
    assert not program.with_suffix(".relocated").exists()


def test_twice_is_as_once(folder: Path) -> None:
    program = folder / "usr" / "bin" / "prometheus-alertmanager"
    relocate_alertmanager(folder)
    once = program.read_bytes()
    relocate_alertmanager(folder)
    assert program.read_bytes() == once


def test_folder_may_move_with_its_parent(folder: Path) -> None:
    relocate_alertmanager(folder)
    moved = folder.parent.rename(folder.parent.with_name("moved"))
    program = moved / "programs" / "usr" / "bin" / "prometheus-alertmanager"
    assert subprocess.run([program], cwd=moved, capture_output=True, check=True).stdout == b"a template\n"


def test_program_without_that_path_is_untouched(folder: Path) -> None:
    program = folder / "usr" / "bin" / "prometheus-alertmanager"
    program.write_bytes(b"another build")
    before = program.stat()
    relocate_alertmanager(folder)
    assert (program.read_bytes(), program.stat().st_mtime_ns) == (b"another build", before.st_mtime_ns)


def test_no_program_no_link(tmp_path: Path) -> None:
    relocate_alertmanager(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_folder_whose_name_does_not_fit_is_refused(folder: Path) -> None:
    long = folder.rename(folder.with_name("a-name-too-long-for-the-place-of-that-path"))
    with pytest.raises(ValueError, match="is not as long as"):
        relocate_alertmanager(long)
