"""The list of dashboards as a page."""

import json
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from stub_watch import text_of

from ai_monitoring.embedded.viewer.boards.files import Boards
from ai_monitoring.embedded.viewer.boards.pages import pages


@pytest.fixture
def browser(tmp_path: Path) -> TestClient:
    return TestClient(Starlette(routes=pages(Boards(tmp_path))))


def written(file: Path, **content: object) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps({"panels": [], **content}), encoding="utf-8")


def test_dashboards_stand_in_their_folders(browser: TestClient, tmp_path: Path) -> None:
    written(tmp_path / "AI" / "a.json", uid="faq", title="FAQ", description="Questions.\n\nMade by a program.")
    written(tmp_path / "Services" / "b.json", uid="all", title="Overview")
    html = browser.get("/dashboards").text
    assert "AI FAQ Questions. Services Overview Services" in text_of(html)
    assert 'href="/d/faq"' in html
    assert "Made by" not in html


def test_one_that_cannot_be_read_is_named_with_the_reason(browser: TestClient, tmp_path: Path) -> None:
    (tmp_path / "<b>.json").write_text("{}", encoding="utf-8")
    html = browser.get("/dashboards").text
    assert "&lt;b&gt;.json is no dashboard that can be shown: it has no list of panels." in html
    assert "/d/" not in html


def test_an_empty_folder_says_where_dashboards_belong(browser: TestClient) -> None:
    assert "There is no dashboard in grafana/dashboards/" in text_of(browser.get("/dashboards").text)


@pytest.mark.parametrize("path", ["/d/faq", "/d/faq/any-title"])
def test_a_board_has_a_page(browser: TestClient, path: str) -> None:
    assert "data-board" in browser.get(path).text
