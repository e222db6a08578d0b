import importlib.util
import io
import json
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

from ai_monitoring.stack import archive, environment
from ai_monitoring.stack.terminal import Terminal

MakeProgram = Callable[[Path, str], Path]
Prepare = Callable[..., tuple[bool, str]]


@pytest.fixture(autouse=True)
def _project(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project to prepare, on a system whose Python has ensurepip, whatever this one has."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    (root / "pyproject.toml").write_text("[project]\n", encoding="utf-8")


@pytest.fixture
def prepare(root: Path, make_program: MakeProgram, monkeypatch: pytest.MonkeyPatch) -> Prepare:
    """Prepares the root's .venv with a Python whose pip does this; returns the result and what was printed."""

    def run(wanted: str = "stack", pip: str = "", ensurepip: str = "") -> tuple[bool, str]:
        class Builder:
            def __init__(self, **_: object) -> None:
                pass

            def create(self, folder: Path) -> None:
                if ensurepip:
                    raise subprocess.CalledProcessError(1, ["python"], output=ensurepip.encode())
                make_program(folder / "bin" / "python", f'echo "$*" >> {root}/calls\n{pip}')

        monkeypatch.setattr(venv, "EnvBuilder", Builder)
        if (root / ".venv").exists():
            Builder().create(root / ".venv")
        output = io.StringIO()
        return environment.prepare(root, wanted, Terminal(output)), output.getvalue()

    return run


def installs(root: Path) -> list[str]:
    """What pip was asked to install, cleared for the next look."""
    file = root / "calls"
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    file.unlink(missing_ok=True)
    quiet = " --quiet --disable-pip-version-check"
    return [line.removeprefix("-m pip install ").removesuffix(quiet) for line in lines if "pip install" in line]


def test_first_start_makes_it_and_says_so(root: Path, prepare: Prepare) -> None:
    done, text = prepare()
    assert done
    assert installs(root) == ["--upgrade pip>=25.1", "-e .[collect,compliance]"]
    lines = text.splitlines()
    assert lines[0].startswith("  ok      Making the Python environment .venv (")
    assert lines[1].startswith("  ok      Installing Python packages (a minute or two on a first start): 0 in .venv (")
    assert environment.made(root)


def test_second_start_does_nothing(root: Path, prepare: Prepare) -> None:
    prepare()
    installs(root)
    assert prepare() == (True, "")
    assert installs(root) == []


def test_larger_set_is_added_and_kept(root: Path, prepare: Prepare) -> None:
    prepare("stack")
    prepare("demo")
    assert installs(root)[-1] == "-e .[collect,compliance,demo]"
    assert prepare("stack") == (True, "")
    (root / "pyproject.toml").write_text("[project]\nchanged = 1\n", encoding="utf-8")
    assert prepare("stack")[0]
    assert installs(root)[-1] == "-e .[collect,compliance,demo]"


def test_development_is_installed_by_uv_and_without_it_by_pip(root: Path, prepare: Prepare) -> None:
    needed = "-e . --group dev --group bench"
    assert prepare("dev")[0]
    calls = (root / "calls").read_text(encoding="utf-8").splitlines()
    assert calls[-1] == f"-m uv pip install --python {root}/.venv/bin/python {needed} --quiet"
    shutil.rmtree(root / ".venv")
    assert prepare("dev", pip='[ "$2" != uv ]')[0]
    assert installs(root)[-1] == needed


def test_changed_dependencies_are_installed(root: Path, prepare: Prepare) -> None:
    prepare()
    installs(root)
    (root / "pyproject.toml").write_text("[project]\nchanged = 1\n", encoding="utf-8")
    assert prepare()[0]
    assert installs(root) == ["--upgrade pip>=25.1", "-e .[collect,compliance]"]


def test_moved_folder_is_made_again(root: Path, tmp_path: Path, prepare: Prepare) -> None:
    prepare()
    moved = root.rename(tmp_path / "moved")
    assert not environment.made(moved)
    shutil.copytree(moved, root)
    assert environment.made(root)


@pytest.mark.parametrize("stamp", ["", "{", "[]", '"x"', '{"root": 1}'])
def test_half_made_one_is_not_made(root: Path, prepare: Prepare, stamp: str) -> None:
    assert not environment.made(root)
    prepare()
    (root / ".venv" / "ai-monitoring.json").write_text(stamp, encoding="utf-8")
    assert not environment.made(root)
    assert prepare()[0]
    assert environment.made(root)


def test_stamp_of_another_version_does_no_harm(root: Path, prepare: Prepare) -> None:
    prepare()
    stamp = root / ".venv" / "ai-monitoring.json"
    content = json.loads(stamp.read_text(encoding="utf-8"))
    stamp.write_text(json.dumps(content | {"sets": ["stack", "gone"], "pyproject": "x"}), encoding="utf-8")
    installs(root)
    assert prepare()[0]
    assert installs(root)[-1] == "-e .[collect,compliance]"


def test_missing_python_is_not_made(root: Path, prepare: Prepare) -> None:
    prepare()
    environment.python(root).unlink()
    assert not environment.made(root)


# The last lines of pip 25.1, recorded.
NO_NETWORK = """\
WARNING: Retrying (Retry(total=0)) after connection broken by 'NameResolutionError("Failed to resolve 'pypi.org'")'
ERROR: Could not find a version that satisfies the requirement psutil>=5.9.5 (from versions: none)
ERROR: No matching distribution found for psutil>=5.9.5"""
CONFLICT = """\
ERROR: Cannot install a and b because these package versions have conflicting dependencies.
ERROR: ResolutionImpossible: for help visit https://pip.pypa.io/ on how to resolve dependency conflicts"""


@pytest.mark.parametrize(
    ("output", "problem", "remedy"),
    [
        (
            NO_NETWORK,
            "pip could not fetch the Python packages: Could not find a version that satisfies the requirement "
            "psutil>=5.9.5 (from versions: none).",
            "Connect to the network",
        ),
        (
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
            "pip ran out of disk space: Could not install packages due to an OSError: "
            "[Errno 28] No space left on device.",
            "Free about 1 GB",
        ),
        (
            CONFLICT,
            "pip failed: Cannot install a and b because these package versions have conflicting dependencies.",
            "See what it says: ",
        ),
        ("Traceback\nKeyError: 1", "pip failed: KeyError: 1.", "See what it says: "),
        ("", "pip failed: no reason given.", "See what it says: "),
    ],
)
def test_pip_that_fails_is_one_sentence_and_a_remedy(
    root: Path, prepare: Prepare, output: str, problem: str, remedy: str
) -> None:
    (root / "pip-says").write_text(output, encoding="utf-8")
    done, text = prepare(pip=f"cat {root}/pip-says >&2; exit 1")
    assert not done
    *steps, empty, told, advice = text.splitlines()
    assert steps[-1].startswith("  failed  Installing Python packages")
    assert (empty, told) == ("", problem)
    assert advice.startswith(remedy)
    assert not environment.made(root)


def test_full_disk_is_one_sentence(root: Path, prepare: Prepare, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: Path) -> None:
        raise OSError(28, "No space left on device", str(root / ".venv"))

    monkeypatch.setattr(environment, "_make", full)
    done, text = prepare()
    assert not done
    assert text.endswith(f"\n{root}/.venv: No space left on device.\nMake room or set the rights, then start again.\n")


def test_ensurepip_that_fails_is_one_sentence(prepare: Prepare) -> None:
    done, text = prepare(ensurepip="Traceback\nOSError: no room")
    assert not done
    assert "Python could not put pip into .venv: OSError: no room.\nSee what it says: " in text


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A system whose Python has no ensurepip; returns the folder where Debian would keep pip's wheel."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    wheels = tmp_path / "usr" / "share" / "python-wheels"
    monkeypatch.setattr(environment, "_WHEEL_FOLDER", wheels)
    return wheels


def test_pip_comes_from_the_systems_wheel(root: Path, prepare: Prepare, bare: Path) -> None:
    bare.mkdir(parents=True)
    (bare / "pip-25.1-py3-none-any.whl").touch()
    assert prepare()[0]
    first = (root / "calls").read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith(f"{bare}/pip-25.1-py3-none-any.whl/pip install --no-index --find-links {bare} pip ")


def test_pip_comes_from_the_archive(root: Path, prepare: Prepare, bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fetch(packages: list[str], folder: Path) -> None:
        assert packages == ["python3-pip-whl"]
        wheels = folder / bare.relative_to("/")
        wheels.mkdir(parents=True)
        (wheels / "pip-25.1-py3-none-any.whl").touch()

    monkeypatch.setattr(archive, "available", lambda: True)
    monkeypatch.setattr(archive, "fetch", fetch)
    assert prepare()[0]
    assert "pip-25.1-py3-none-any.whl/pip install --no-index" in (root / "calls").read_text(encoding="utf-8")


def test_no_pip_anywhere(prepare: Prepare, bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "available", lambda: False)
    done, text = prepare()
    assert not done
    assert text.splitlines()[-2:] == [
        "This Python has no ensurepip, so .venv cannot get pip.",
        "Install your system's python3-venv or python3-pip package.",
    ]


def test_environment_for_real(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real interpreter in .venv; of pip's work only the download is left out."""
    monkeypatch.setattr(environment, "_pip", lambda *_: None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(environment, "_pip_wheel", lambda work: work / "pip.whl")
    assert environment.prepare(root, "stack", Terminal(io.StringIO()))
    assert os.access(environment.python(root), os.X_OK)
    assert environment.python(root).resolve() == Path(sys.executable).resolve()
