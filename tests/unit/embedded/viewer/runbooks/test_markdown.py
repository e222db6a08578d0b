import pytest

from ai_monitoring.embedded.viewer.runbooks.markdown import render


@pytest.mark.parametrize(
    ("href", "address"),
    [
        ("LLMSlow.md", "/runbooks/llm/LLMSlow"),
        ("../service/ServiceDown.md#impact", "/runbooks/service/ServiceDown#impact"),
        ("https://github.com/x/y/blob/main/docs/runbooks/watch/TargetDown.md", "/runbooks/watch/TargetDown"),
        ("../README.md", "/runbooks"),
        ("https://example.org/a.html", "https://example.org/a.html"),
        ("../../dashboards.md", "../../dashboards.md"),
    ],
)
def test_links(href: str, address: str) -> None:
    assert f'<a href="{address}">there</a>' in render(f"See [there]({href}).", "llm")


@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script>", "a <img src=x onerror=alert(1)> b", "[x](javascript:alert(1))", "```\n<script>\n```"],
)
def test_html_stays_text(text: str) -> None:
    html = render(text, "llm")
    for part in ("<script", "<img", 'href="javascript'):
        assert part not in html


def test_tables_and_code_scroll_by_keyboard() -> None:
    html = render("|a|b|\n|-|-|\n|1|2|\n\n```sh\nls\n```\n", "llm")
    assert '<div class="scroll" tabindex="0"><table>' in html
    assert '<pre tabindex="0"><code class="language-sh">ls' in html
