"""Text panels: Markdown to HTML that is safe to show, and that loads nothing."""

import html

from markdown_it import MarkdownIt

# HTML in a text stays text, and a picture would be fetched from somewhere else.
_markdown = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


def rendered(content: str, mode: str) -> str:
    """HTML of a text panel's content; of what is not Markdown, the source."""
    if mode in ("markdown", ""):
        return str(_markdown.render(content))
    return f"<pre>{html.escape(content)}</pre>"
