"""Runs the unit tests with the lowest versions that pyproject.toml allows of what users install: `make lowest`.

Warnings are no errors here: an old framework beside the newest of what it needs is not ours to mend.
"""

import subprocess
import sys
import tomllib
from pathlib import Path

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
    uv, python = Path(sys.executable).with_name("uv"), FOLDER / "venv" / "bin" / "python"
    for command in (
        [uv, "venv", "--quiet", "--clear", "--python", sys.executable, FOLDER / "venv"],
        [
            uv,
            "pip",
            "install",
            "--quiet",
            "--python",
            python,
            "--constraint",
            constraints,
            "-e",
            ROOT,
            "--group",
            "dev",
        ],
        [python, "-m", "pytest", "-q", "-n", "2", "-W", "default", "tests/unit"],
    ):
        status = subprocess.run([str(word) for word in command], cwd=ROOT, check=False).returncode
        if status:
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main())
