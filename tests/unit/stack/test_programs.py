import platform
from collections.abc import Callable
from pathlib import Path

import pytest

from ai_monitoring.stack import programs
from ai_monitoring.stack.errors import StackError

Fake = Callable[[str, str], Path]
MakeProgram = Callable[[Path, str], Path]

# Each package as an empty folder would get it from the archive.
DELIVERS = 'case "$*" in *download*) while [ "$1" != download ]; do shift; done; shift; touch "$@" "$PWD/x.deb" ;; esac'
UNPACKS = """\
mkdir -p "$3/usr/bin"; cd "$3/usr/bin"
for name in prometheus promtool amtool prometheus-alertmanager prometheus-node-exporter prometheus-blackbox-exporter; do
  printf '#!/bin/sh\\n' > $name; chmod +x $name
done"""
UPSTREAM = ("prometheus", "promtool", "alertmanager", "amtool", "node_exporter", "blackbox_exporter")


@pytest.fixture
def distribution(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Pretends to run on this system."""

    def pretend(system: str = "Linux", **release: str) -> None:
        monkeypatch.setattr(platform, "system", lambda: system)
        monkeypatch.setattr(platform, "freedesktop_os_release", lambda: release)

    return pretend


def test_nothing_found(path: Path, tmp_path: Path) -> None:
    assert programs.found(tmp_path) == {}


def test_path_goes_before_the_folder(fake: Fake, make_program: MakeProgram, tmp_path: Path) -> None:
    make_program(tmp_path / "usr/bin/prometheus", "")
    here = fake("prometheus", "")
    assert programs.found(tmp_path) == {"prometheus": here}


def test_upstream_name_goes_before_debians(fake: Fake, tmp_path: Path) -> None:
    debian = fake("prometheus-alertmanager", "")
    assert programs.found(tmp_path) == {"alertmanager": debian}
    upstream = fake("alertmanager", "")
    assert programs.found(tmp_path) == {"alertmanager": upstream}


def test_debians_name_on_path_goes_before_upstreams_in_the_folder(
    fake: Fake, make_program: MakeProgram, tmp_path: Path
) -> None:
    make_program(tmp_path / "usr/bin/node_exporter", "")
    debian = fake("prometheus-node-exporter", "")
    assert programs.found(tmp_path) == {"node": debian}


def test_unpacked_ones_are_found(path: Path, make_program: MakeProgram, tmp_path: Path) -> None:
    unpacked = make_program(tmp_path / "usr/bin/prometheus-blackbox-exporter", "")
    assert programs.found(tmp_path) == {"blackbox": unpacked}


def test_nothing_is_fetched_where_all_are_here(fake: Fake, tmp_path: Path) -> None:
    for name in UPSTREAM:
        fake(name, "")
    fake("apt-get", f"touch {tmp_path}/asked")
    fake("dpkg-deb", "")
    assert set(programs.fetch_missing(tmp_path / "programs")) == set(programs.PROGRAMS)
    assert not (tmp_path / "asked").exists()
    assert not (tmp_path / "programs").exists()


def test_only_missing_packages_are_fetched(fake: Fake, tmp_path: Path) -> None:
    for name in ("prometheus", "promtool", "alertmanager"):
        fake(name, "")
    fake("apt-get", f'echo "$*" >> {tmp_path}/calls\n{DELIVERS}')
    fake("dpkg-deb", UNPACKS)
    here = programs.fetch_missing(tmp_path / "programs")
    assert here["prometheus"].parent == tmp_path / "path"
    assert here["amtool"] == tmp_path / "programs/usr/bin/amtool"
    download = (tmp_path / "calls").read_text(encoding="utf-8").splitlines()[1]
    packages = "prometheus-alertmanager prometheus-blackbox-exporter prometheus-node-exporter"
    assert download.endswith(f" download {packages}")


def test_package_without_the_program(fake: Fake, tmp_path: Path) -> None:
    fake("apt-get", DELIVERS)
    fake("dpkg-deb", UNPACKS.replace("promtool ", ""))
    with pytest.raises(StackError, match=r"^The archive's packages do not contain promtool\. Instead, download them"):
        programs.fetch_missing(tmp_path / "programs")


@pytest.mark.parametrize(
    ("system", "release", "advice"),
    [
        ("Darwin", {}, "Install them: brew install prometheus"),
        ("Linux", {"ID": "arch"}, "Install them: pacman -S prometheus"),
        ("Linux", {"ID": "manjaro", "ID_LIKE": "arch"}, "Install them: pacman -S prometheus"),
        ("Linux", {"ID": "alpine"}, "Install them: apk add prometheus"),
        ("Linux", {"ID": "fedora"}, "Instead, download them from https://prometheus.io/download/"),
        ("Linux", {}, "Instead, download them from https://prometheus.io/download/"),
    ],
)
def test_system_without_apt_is_told_what_to_install(
    fake: Fake, tmp_path: Path, distribution: Callable[..., None], system: str, release: dict[str, str], advice: str
) -> None:
    fake("prometheus", "")
    distribution(system, **release)
    with pytest.raises(StackError) as caught:
        programs.fetch_missing(tmp_path)
    assert caught.value.problem == (
        "promtool, Alertmanager, amtool, node exporter, blackbox exporter: not on PATH, "
        "and this system has no apt archive to take them from."
    )
    assert caught.value.remedy.startswith(advice)
    assert caught.value.remedy.endswith("put them on PATH.")


def test_system_that_does_not_say_what_it_is(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown() -> dict[str, str]:
        raise OSError

    monkeypatch.setattr(platform, "system", lambda: "Linux")
    monkeypatch.setattr(platform, "freedesktop_os_release", unknown)
    with pytest.raises(StackError, match="Instead, download them"):
        programs.fetch_missing(tmp_path)


@pytest.mark.parametrize(
    ("script", "version"),
    [
        ("echo 'prometheus, version 2.42.0+ds (branch: debian/sid, revision: 2.42.0+ds-5+b5)'", "2.42.0"),
        ("echo 'prometheus, version 3.5.0 (branch: HEAD)'", "3.5.0"),
        ("echo 'blackbox_exporter, version v0.25.0 (branch: HEAD)' >&2", "0.25.0"),
        ("echo 'unknown flag --version' >&2; exit 1", ""),
        ("", ""),
    ],
)
def test_version(fake: Fake, script: str, version: str) -> None:
    assert programs.version(fake("prometheus", script)) == version


def test_version_of_what_hangs(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "VERSION_WITHIN", 0.2)
    assert programs.version(fake("prometheus", "exec sleep 30")) == ""


def test_version_of_what_cannot_be_run(tmp_path: Path) -> None:
    assert programs.version(tmp_path / "prometheus") == ""
