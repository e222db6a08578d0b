from pathlib import Path
from threading import Barrier, Thread

from ai_monitoring.compliance.private import kept_key, replace


def test_of_several_that_make_a_key_all_get_the_same(tmp_path: Path) -> None:
    together, found = Barrier(8), set()

    def make(number: int) -> None:
        together.wait(10)
        found.add(kept_key(tmp_path / "folder" / "key", lambda: bytes([number]) * 32))

    threads = [Thread(target=make, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 1
    assert [file.name for file in (tmp_path / "folder").iterdir()] == ["key"], "no draft stays"


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    replace(tmp_path / "head", b"one")
    replace(tmp_path / "head", b"two")
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [b"two"]
