from collections.abc import Callable
from pathlib import Path

import pytest

from ai_monitoring.web.django import users
from ai_monitoring.web.django.users import SLOTS, SeenUsers, SharedUsers

KEY, WINDOW = b"key", 900.0


class Clock:
    seconds = 1_000_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["one process", "shared"])
def seen(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> SeenUsers:
    if request.param == "shared":
        return SharedUsers(KEY, WINDOW, tmp_path, clock)
    return SeenUsers(KEY, WINDOW, clock)


def test_a_user_counts_once(seen: SeenUsers, clock: Clock) -> None:
    for _ in range(3):
        for user in (1, 2, "2", "ada"):
            seen.saw(user)
        clock.seconds += WINDOW / SLOTS

    assert seen.count() == 3


def test_a_user_counts_for_the_window(seen: SeenUsers, clock: Clock) -> None:
    seen.saw("early")
    clock.seconds += WINDOW
    seen.saw("late")
    assert seen.count() == 2

    clock.seconds += WINDOW / SLOTS
    assert seen.count() == 1

    clock.seconds += 2 * WINDOW
    assert seen.count() == 0


def test_the_users_noted_are_bounded(seen: SeenUsers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(users, "MAX_USERS", 5)
    for user in range(9):
        seen.saw(user)

    assert seen.count() == 5


def test_workers_share_what_they_saw(tmp_path: Path, clock: Clock) -> None:
    make: Callable[[], SeenUsers] = lambda: SharedUsers(KEY, WINDOW, tmp_path, clock)  # noqa: E731
    one, other = make(), make()
    one.saw("ada")
    one.saw("grace")
    other.saw("ada")
    other.saw("alan")

    assert one.count() == other.count() == make().count() == 3


def test_files_hold_hashes_and_go_with_the_window(tmp_path: Path, clock: Clock) -> None:
    seen = SharedUsers(KEY, WINDOW, tmp_path, clock)
    for slot in range(40):
        seen.saw("ada@example.org")
        clock.seconds += WINDOW / SLOTS
        assert seen.count() == 1, slot

    files = list(tmp_path.iterdir())
    assert len(files) <= SLOTS + 1
    assert all(len(file.read_bytes()) == users.HASH_BYTES for file in files)
    assert all(file.stat().st_mode & 0o077 == 0 for file in files)


def test_a_torn_write_is_ignored(tmp_path: Path, clock: Clock) -> None:
    seen = SharedUsers(KEY, WINDOW, tmp_path, clock)
    seen.saw("ada")
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes() + b"abc")

    assert seen.count() == 1
