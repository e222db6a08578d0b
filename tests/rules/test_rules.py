"""promtool's own unit tests of prometheus/rules, on the oldest and the newest Prometheus that they must hold on."""

import subprocess
from pathlib import Path

import pytest
from programs import SUITES, programs

FILES = sorted(Path(__file__).parent.glob("*.yml"))


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_rules(suite: str, file: Path) -> None:
    command = [str(programs(suite) / "promtool"), "test", "rules", str(file)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
