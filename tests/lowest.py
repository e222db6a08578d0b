"""Runs the unit tests with the lowest versions that pyproject.toml allows of what users install: `make lowest`.

Warnings are no errors here: an old framework beside the newest of what it needs is not ours to mend.
"""

import subprocess
import sys
import tomllib
from pathlib import Path

from installing import uv

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".cache" / "lowest"


def lowest() -> list[str]:
    """Each lower bound of the package and its extras as an exact version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    requirements = [*project["dependencies"], *(requirement for extra in extras for requirement in extra)]
    return [requirement.replace(">=", "==") for requirement in requirements if ">=" in requirement]


def main() -> int:
    constraints = FOLDER / "constraints.txt"
    FOLDER.mkdir(parents=True, exist_ok=True)
    constraints.write_text("\n".join(lowest()) + "\n", encoding="utf-8")
    folder, python = FOLDER / "venv", FOLDER / "venv" / "bin" / "python"
    return (
        uv(ROOT, "venv", "--clear", "--python", sys.executable, folder)
        or uv(ROOT, "pip", "install", "--python", python, "--constraint", constraints, "-e", ROOT, "--group", "dev")
        or subprocess.run(
            [python, "-m", "pytest", "-q", "-n", "2", "-W", "default", "tests/unit"], cwd=ROOT, check=False
        ).returncode
    )


if __name__ == "__main__":
    sys.exit(main())
