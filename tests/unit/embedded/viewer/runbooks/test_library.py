from pathlib import Path

import pytest
from stub_watch import RUNBOOKS

from ai_monitoring.embedded.viewer.runbooks.library import Library


def test_every_runbook_says_what_it_means() -> None:
    pages = Library(RUNBOOKS).all()
    assert len(pages) == len(list(RUNBOOKS.glob("*/*.md")))
    assert all(page.meaning() for page in pages)


def test_no_folder_is_no_runbook(tmp_path: Path) -> None:
    assert Library(tmp_path / "none").all() == []


@pytest.mark.parametrize(
    ("alert", "annotation", "address"),
    [
        ("Any", "docs/runbooks/service/ServiceDown.md", "/runbooks/service/ServiceDown"),
        ("Any", "https://example.org/blob/main/docs/runbooks/llm/LLMSlow.md", "/runbooks/llm/LLMSlow"),
        ("ServiceDown", "", "/runbooks/service/ServiceDown"),
        ("Own", "https://wiki.example/own", "https://wiki.example/own"),
        ("Own", "docs/runbooks/own/Own.md", ""),
        ("Own", "javascript:alert(1)", ""),
        ("Own", "", ""),
    ],
)
def test_address_of_an_alert(alert: str, annotation: str, address: str) -> None:
    assert Library(RUNBOOKS).address(alert, annotation) == address
