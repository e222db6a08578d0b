from pathlib import Path

import pytest

from ai_monitoring.stack import targets
from ai_monitoring.stack.errors import StackError

ROOT = Path(__file__).parents[3]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "prometheus" / "targets" / "services.yml"
    file.parent.mkdir(parents=True)
    file.touch()
    return file


def test_the_file_as_shipped_declares_nothing() -> None:
    shipped = [line for file in targets.files(ROOT) if file.name == "services.yml" for _, line in targets._lines(file)]
    assert shipped in ([], ["[]"])


@pytest.mark.parametrize(
    ("text", "expected"), [("", False), ("# - targets: [a:1]\n[]\n", False), ("- targets: [a:1]", True)]
)
def test_declared(file: Path, text: str, expected: bool) -> None:
    file.write_text(text, encoding="utf-8")
    assert targets.declared(file.parents[2]) is expected


def test_the_demos_do_not_count(file: Path) -> None:
    file.with_name("demo.yml").write_text("- targets: [a:1]", encoding="utf-8")
    assert not targets.declared(file.parents[2])


@pytest.mark.parametrize("label", ["__metrics_path__", "__health_path__", "__scheme__", "__param_token", "service"])
def test_labels_that_are_read(file: Path, label: str) -> None:
    file.write_text(f"- targets: [a:1]\n  labels: {{{label}: x}}\n", encoding="utf-8")
    targets.check_labels(file)


@pytest.mark.parametrize(
    "labels", ["{__metric_path__: /m/}", '{"__metric_path__": "/m/"}', "\n    __metric_path__: /m/"]
)
def test_a_label_that_nobody_reads_is_told_with_its_line(file: Path, labels: str) -> None:
    file.write_text(f"# mine\n- targets: [a:1]\n  labels: {labels}\n", encoding="utf-8")
    with pytest.raises(
        StackError, match=r"^services\.yml line [34]: __metric_path__ .* Did you mean __metrics_path__\?"
    ):
        targets.check_labels(file)


@pytest.mark.parametrize("value", ["600", '"600"', "'0.5'", '"600" # measured in May'])
def test_a_capacity_is_a_number(file: Path, value: str) -> None:
    file.write_text(f"- targets: [a:1]\n  labels:\n    capacity_per_minute: {value}\n", encoding="utf-8")
    targets.check_labels(file)


@pytest.mark.parametrize("value", ["plenty", '"600 rpm"', "0", "-5", '"0.0"', '""', "1_000"])
def test_a_capacity_that_is_no_number_is_told_with_its_line(file: Path, value: str) -> None:
    file.write_text(f"- targets: [a:1]\n  labels: {{service: shop, capacity_per_minute: {value}}}\n", encoding="utf-8")
    with pytest.raises(StackError, match=rf"^services\.yml line 2: capacity_per_minute is \"{value.strip(chr(34))}\""):
        targets.check_labels(file)
