"""Dashboards read from a folder."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from ai_monitoring.embedded.viewer.boards.files import Boards

ROOT = Path(__file__).parents[5]


def write(file: Path, **content: Any) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps({"panels": [], **content}), encoding="utf-8")


def test_the_houses_dashboards_are_all_read() -> None:
    boards = Boards(ROOT / "grafana" / "dashboards").all()
    assert [(board.folder, board.uid) for board in boards] == [
        ("AI", "ai"),
        ("AI", "cognitive"),
        ("AI", "compliance"),
        ("AI", "devops"),
        ("AI", "faq-rag"),
        ("AI", "llm-costs"),
        ("AI", "technical"),
        ("Services", "overview"),
        ("Services", "finops"),
        ("Services", "incidents"),
        ("Services", "logs"),
        ("Services", "slo"),
        ("Services", "security"),
    ]
    assert not [board.error for board in boards if board.error]


def test_folders_name_and_titles_order(tmp_path: Path) -> None:
    write(tmp_path / "b.json", uid="b", title="B")
    write(tmp_path / "AI" / "a.json", title="A", tags=["x"])
    first, second = Boards(tmp_path).all()
    assert (first.folder, first.uid, first.tags) == ("AI", "a", ["x"])
    assert (second.folder, second.uid) == ("General", "b")


def test_a_changed_file_is_read_again_and_a_removed_one_gone(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    write(file, uid="a", title="Old")
    boards = Boards(tmp_path)
    assert boards.all()[0] is boards.all()[0]
    write(file, uid="a", title="New one")
    os.utime(file, ns=(1, 1))
    (found,) = boards.all()
    assert found.title == "New one"
    file.unlink()
    assert boards.get("a") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "JSON"),
        ('{"panels": NaN}', "NaN"),
        ("[]", "no list of panels"),
        ('{"panels": [1]}', "no list of panels"),
        ('{"elements": {}}', "second schema"),
        ("[" * 100_000, "JSON"),
    ],
)
def test_a_broken_file_is_named_and_the_others_go_on(tmp_path: Path, text: str, said: str) -> None:
    write(tmp_path / "good.json", uid="good")
    (tmp_path / "bad.json").write_text(text, encoding="utf-8")
    good, bad = Boards(tmp_path).all()
    assert (good.uid, bad.uid, bad.title) == ("good", "", "bad.json")
    assert said in bad.error


def test_two_boards_of_one_uid_are_told_apart(tmp_path: Path) -> None:
    write(tmp_path / "a.json", uid="x", title="One")
    write(tmp_path / "b.json", uid="x", title="Two")
    boards = Boards(tmp_path)
    assert [board.error for board in boards.all()] == ["", "Another dashboard has its uid, 'x', too."]
    assert boards.get("x") == boards.all()[0]


def test_an_export_holds_its_board_inside(tmp_path: Path) -> None:
    write(tmp_path / "a.json", dashboard={"uid": "x", "panels": [{"type": "row", "panels": [{"id": 1}]}, {"id": 2}]})
    board = Boards(tmp_path).get("x")
    assert board is not None
    assert [panel.get("id") for panel in board.panels] == [None, 1, 2]
