"""The labelled cases hold floors, so that a change of rules that makes them worse fails; and anybody's file is read."""

import statistics
from collections import Counter
from pathlib import Path

import pytest
from benchmarks.evaluators import speed
from benchmarks.evaluators.__main__ import main
from benchmarks.evaluators.cases import Case, CaseError, half, ours, read
from benchmarks.evaluators.judging import JUDGES, judge
from benchmarks.evaluators.table import figures

DEVELOPMENT = {"toxicity": 0.97, "bias": 0.97, "attacks": 0.96, "groundedness": 0.93, "hallucination": 0.93}
DEVELOPMENT |= {"relevance": 0.92, "sentiment": 0.96, "language": 0.97, "pii": 0.97}
HELD_OUT = {
    "toxicity": 0.2,
    "bias": 0.15,
    "attacks": 0.38,
    "groundedness": 0.58,
    "relevance": 0.75,
    "sentiment": 0.4,
    "language": 0.78,
    "pii": 0.9,
}
HELD_OUT_PRECISION = {"toxicity": 0.9, "bias": 0.9, "attacks": 0.9}


@pytest.mark.parametrize("name", DEVELOPMENT)
def test_f1_on_the_development_cases(name: str) -> None:
    assert figures(name, judge(name, ours(name, "development"))).f1 >= DEVELOPMENT[name]


@pytest.mark.parametrize("name", HELD_OUT)
def test_f1_on_the_held_out_cases(name: str) -> None:
    assert figures(name, judge(name, ours(name, "held_out"))).f1 >= HELD_OUT[name]


@pytest.mark.parametrize("name", HELD_OUT_PRECISION)
def test_hard_negatives_are_left_alone(name: str) -> None:
    assert figures(name, judge(name, ours(name, "held_out"))).precision >= HELD_OUT_PRECISION[name]


@pytest.mark.parametrize("name", JUDGES)
def test_there_are_enough_cases_none_twice(name: str) -> None:
    cases = [case for part in ("development", "held_out") for case in ours(name, part)]
    assert len(cases) >= 200
    assert Counter((case.text, case.prompt, case.context) for case in cases).most_common(1)[0][1] == 1


@pytest.mark.parametrize("text", ["English", "French"])
def test_all_together_stay_fast(text: str) -> None:
    """Processor time with room for a slow machine; the benchmark has the figure."""
    prompt, response = speed.TEXTS[text]
    assert statistics.median(speed.suite_times(prompt, response, (), rounds=30)) < 5 * speed.LIMIT_MS


def test_a_file_of_ones_own_is_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mine.csv"
    file.write_text('text,label\n"You are an idiot.",toxic\nGood morning.,none\n')
    monkeypatch.setattr("sys.argv", ["evaluators", "--evaluator", "toxicity", "--file", str(file)])
    assert main() == 0
    assert "| toxicity | both | 2 | 1.00 | 1.00 | 1.00 |" in capsys.readouterr().out


def test_halves_share_nothing_and_groups_stay_together() -> None:
    cases = [
        Case(f"text {number}", "none", group=f"template {number % 20}" if number < 400 else "") for number in range(800)
    ]
    first, second = half(cases, "read"), half(cases, "unread")
    assert len(first) + len(second) == len(cases)
    assert 250 < len(first) < 550
    assert not {case.group for case in first if case.group} & {case.group for case in second}


def test_half_of_a_file_can_be_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "set.csv"
    file.write_text("text,label\n" + "".join(f"You are idiot {number}.,toxic\n" for number in range(40)))
    counts = []
    for which in ("read", "unread"):
        monkeypatch.setattr("sys.argv", ["evaluators", "--evaluator", "toxicity", "--file", str(file), "--half", which])
        assert main() == 0
        counts.append(int(capsys.readouterr().out.splitlines()[2].split("|")[3]))
    assert sum(counts) == 40
    assert min(counts) > 0


def test_json_is_read_as_a_list_and_by_line(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('[{"text": "a", "label": "b", "context": "c"}]')
    (tmp_path / "b.jsonl").write_text('{"text": "a", "label": "b", "context": ["c"]}\n')
    assert read(tmp_path / "a.json") == read(tmp_path / "b.jsonl")


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.csv", "words,label\nx,y\n", "case 1: give text and label"),
        ("a.csv", "text,label\n", "holds no case"),
        ("a.json", "[{", "a.json"),
        ("a.json", '["x"]', "case 1"),
        ("a.json", "[3]", "case 1"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(tmp_path: Path, name: str, content: str, told: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(CaseError, match=told):
        read(tmp_path / name)
