"""The modules that need no browser, in Node.js: units, scales, stacks, colours, the address."""

import subprocess
import sys
from pathlib import Path

import pytest

MODULES = sorted((Path(__file__).parent / "modules").glob("*.test.mjs"))


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_module(module: Path) -> None:
    node = Path(sys.executable).parent / "node"
    run = subprocess.run([str(node), "--test", str(module)], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stdout + run.stderr
