"""promtool's own unit tests of prometheus/rules, on the oldest and the newest Prometheus that they must hold on."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml
from programs import SUITES, programs
from watch import ROOT

FILES = sorted(Path(__file__).parent.glob("*.yml"))
RULES = ROOT / "prometheus" / "rules"


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_rules(suite: str, file: Path, tmp_path: Path) -> None:
    # Nothing waits for promtool, which takes a processor for minutes: whatever runs beside it goes first.
    command = ["nice", "-n", "19", str(programs(suite) / "promtool"), "test", "rules", str(lean(file, tmp_path))]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def lean(file: Path, folder: Path) -> Path:
    """A copy of the test beside only those shipped thresholds that it and its rules name.

    promtool evaluates each rule at each step: the hundred others would be most of its work.
    """
    test = file.read_text(encoding="utf-8")
    rule_files = [name for name in yaml.safe_load(test)["rule_files"] if not name.endswith("/thresholds.yml")]
    texts = [test, *((file.parent / name).read_text(encoding="utf-8") for name in rule_files)]
    named = {name for text in texts for name in re.findall(r"threshold:\w+", text)}
    thresholds = yaml.safe_load((RULES / "thresholds.yml").read_text(encoding="utf-8"))
    for group in thresholds["groups"]:
        group["rules"] = [rule for rule in group["rules"] if rule["record"] in named]
    (folder / "thresholds.yml").write_text(yaml.safe_dump(thresholds), encoding="utf-8")
    copy = folder / file.name
    moved = test.replace("../../prometheus/rules/thresholds.yml", "thresholds.yml")
    copy.write_text(moved.replace("../../prometheus/rules/", f"{RULES}/"), encoding="utf-8")
    return copy
