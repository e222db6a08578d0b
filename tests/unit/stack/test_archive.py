from collections.abc import Callable
from pathlib import Path

import pytest

from ai_monitoring.stack import archive
from ai_monitoring.stack.errors import StackError

Fake = Callable[[str, str], Path]

# apt-get's own words, recorded on Debian 12.
UNREACHABLE = """\
case "$*" in
  *download*) echo "E: Unable to locate package prometheus" >&2; exit 100 ;;
  *) echo "W: Failed to fetch http://deb.debian.org/debian/dists/bookworm/InRelease  Temporary failure resolving" >&2
     echo "W: Some index files failed to download. They have been ignored, or old ones used instead." >&2 ;;
esac"""
CUT_OFF = """\
case "$*" in *download*)
  echo "E: Failed to fetch http://deb.debian.org/p.deb  Connection timed out" >&2; exit 100
esac"""
NOT_OFFERED = 'case "$*" in *download*) echo "E: Unable to locate package prometheus" >&2; exit 100 ;; esac'
DELIVERS = 'case "$*" in *download*) for name; do :; done; touch "$name"_1_amd64.deb ;; esac'
UNPACKS = 'mkdir -p "$3/usr/bin" && basename "$2" >> "$3/usr/bin/unpacked"'


def test_available_needs_both_programs(fake: Fake) -> None:
    assert not archive.available()
    fake("apt-get", "")
    assert not archive.available()
    fake("dpkg-deb", "")
    assert archive.available()


def test_packages_are_unpacked_and_nothing_else_is_left(fake: Fake, tmp_path: Path) -> None:
    fake("apt-get", DELIVERS)
    fake("dpkg-deb", UNPACKS)
    folder = tmp_path / "programs"
    archive.fetch(["prometheus"], folder)
    assert (folder / "usr/bin/unpacked").read_text(encoding="utf-8") == "prometheus_1_amd64.deb\n"
    assert [path.name for path in folder.iterdir()] == ["usr"]


def test_what_a_start_that_was_cut_off_left_is_not_unpacked(fake: Fake, tmp_path: Path) -> None:
    fake("apt-get", DELIVERS)
    fake("dpkg-deb", UNPACKS)
    debs = tmp_path / "apt" / "debs"
    debs.mkdir(parents=True)
    (debs / "prometheus_0_amd64.deb").touch()
    archive.fetch(["prometheus"], tmp_path)
    assert (tmp_path / "usr/bin/unpacked").read_text(encoding="utf-8") == "prometheus_1_amd64.deb\n"


def test_apt_keeps_to_the_folder_and_to_english(fake: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    fake("apt-get", f'echo "$LC_ALL $*" >> {tmp_path}/calls')
    fake("dpkg-deb", "")
    archive.fetch(["a", "b"], tmp_path / "programs")
    update, download = (tmp_path / "calls").read_text(encoding="utf-8").splitlines()
    work = tmp_path / "programs" / "apt"
    for call in (update, download):
        assert call.startswith("C ")
        for option in (f"Dir::State::Lists={work}/lists", f"Dir::Cache={work}/cache", "Debug::NoLocking=1"):
            assert f"-o{option} " in call
    assert update.endswith(" update")
    assert download.endswith(" download a b")


@pytest.mark.parametrize("script", [UNREACHABLE, CUT_OFF])
def test_unreachable_archive(fake: Fake, tmp_path: Path, script: str) -> None:
    fake("apt-get", script)
    with pytest.raises(StackError) as caught:
        archive.fetch(["prometheus", "prometheus-alertmanager"], tmp_path)
    expected = "The package archive could not be used for prometheus, prometheus-alertmanager: "
    assert caught.value.problem.startswith(expected)
    assert caught.value.problem.count("\n") == 0
    assert caught.value.remedy == "Connect to the network for this first start, or put the programs on PATH."


def test_package_that_is_not_offered(fake: Fake, tmp_path: Path) -> None:
    fake("apt-get", NOT_OFFERED)
    with pytest.raises(StackError) as caught:
        archive.fetch(["prometheus"], tmp_path)
    assert caught.value.problem == "This system's package archive does not offer all of prometheus."
    assert "universe" in caught.value.remedy


def test_one_broken_source_does_not_matter(fake: Fake, tmp_path: Path) -> None:
    fake(
        "apt-get",
        f'case "$*" in *update) echo "E: broken.example has no Release file." >&2; exit 100; esac\n{DELIVERS}',
    )
    fake("dpkg-deb", UNPACKS)
    archive.fetch(["prometheus"], tmp_path)
    assert (tmp_path / "usr/bin/unpacked").exists()


def test_full_disk_while_unpacking(fake: Fake, tmp_path: Path) -> None:
    fake("apt-get", DELIVERS)
    fake("dpkg-deb", "echo 'dpkg-deb: error: No space left on device' >&2; exit 2")
    with pytest.raises(StackError) as caught:
        archive.fetch(["prometheus"], tmp_path)
    assert caught.value.problem == (
        "prometheus_1_amd64.deb could not be unpacked: dpkg-deb: error: No space left on device"
    )
    assert "disk space" in caught.value.remedy
