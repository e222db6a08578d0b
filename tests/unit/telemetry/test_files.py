from pathlib import Path

from ai_monitoring.telemetry.files import LogFile


def test_files_rotate_and_the_oldest_goes(tmp_path: Path) -> None:
    file = LogFile(tmp_path, "shop", max_bytes=100, kept=2)
    for number in range(20):
        file.write([f"line {number:03} {'x' * 40}"])
    file.close()
    assert sorted(path.name for path in tmp_path.glob("shop.log*")) == ["shop.log", "shop.log.1", "shop.log.2"]
    assert "line 019" in (tmp_path / "shop.log").read_text()
    assert all(path.stat().st_size <= 100 for path in tmp_path.glob("shop.log*"))


def test_two_processes_do_not_share_a_file(tmp_path: Path) -> None:
    first, second = LogFile(tmp_path, "shop"), LogFile(tmp_path, "shop")
    assert (first.path.name, second.path.name) == ("shop.log", "shop-2.log")
    first.close()
    third = LogFile(tmp_path, "shop")
    assert third.path.name == "shop.log"
    second.close()
    third.close()
