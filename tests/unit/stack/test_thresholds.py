"""Numbers of thresholds.yml, and what is none."""

from pathlib import Path

import pytest

from ai_monitoring.stack import thresholds
from ai_monitoring.stack.errors import StackError

ROOT = Path(__file__).parents[3]


def write(root: Path, expr: str) -> None:
    file = root / thresholds.FILE
    file.parent.mkdir(parents=True)
    file.write_text(f"groups:\n  - name: thresholds\n    rules:\n      - record: threshold:x\n        expr:{expr}\n")


@pytest.mark.parametrize(
    "expr",
    [" 5", " 0.95", " .5", " 5.", " -1", " 1e3", ' "3"', " '3'", " 60 * 5", " 3 # seconds", " 1 / 3"],
)
def test_number_is_taken(tmp_path: Path, expr: str) -> None:
    write(tmp_path, expr)
    thresholds.check(tmp_path)


@pytest.mark.parametrize(
    ("expr", "shown"),
    [
        (" zero", "zero"),
        (' "many"', "many"),
        (" .5.", ".5."),
        ("", "nothing"),
        (" # 5", "nothing"),
        (' ""', "nothing"),
        (" 0,95", "0,95"),
        (" 5 %", "5 %"),
        (" 60 *", "60 *"),
        (" vector(3)", "vector(3)"),
        (" |", "|"),
    ],
)
def test_what_is_no_number_is_refused_with_its_line(tmp_path: Path, expr: str, shown: str) -> None:
    write(tmp_path, expr)
    with pytest.raises(StackError) as caught:
        thresholds.check(tmp_path)
    assert caught.value.problem == f"prometheus/rules/thresholds.yml line 5: {shown} is no number."
    assert "60 * 5" in caught.value.remedy


def test_expression_that_begins_its_rule_is_seen(tmp_path: Path) -> None:
    write(tmp_path, " 5")
    file = tmp_path / thresholds.FILE
    file.write_text(file.read_text() + "      - expr: zero\n        record: threshold:y\n")
    with pytest.raises(StackError, match="line 6: zero is no number"):
        thresholds.check(tmp_path)


def test_the_houses_own_are_numbers() -> None:
    thresholds.check(ROOT)
