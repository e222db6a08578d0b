"""Markdown to HTML that is safe to show: HTML inside it stays text, and links stay within the viewer where they can."""

import re
from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

_RUNBOOK = re.compile(r"(?:(?:.*/)?docs/runbooks/|\.\./)?(?:(?P<concern>\w+)/)?(?P<name>\w+)\.md(?P<part>#[\w-]*)?")


class _Renderer(RendererHTML):
    """Long lines scroll inside their block; who has no mouse scrolls there too."""

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return super().fence(tokens, idx, options, env).replace("<pre>", '<pre tabindex="0">', 1)

    def table_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return '<div class="scroll" tabindex="0"><table>'

    def table_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return "</table></div>"


_MARKDOWN = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer).enable("table")


def render(text: str, concern: str) -> str:
    """The HTML of a runbook that lies in the folder `concern`."""
    tokens = _MARKDOWN.parse(text)
    for token in tokens:
        for child in token.children or ():
            if child.type == "link_open":
                child.attrSet("href", _local(str(child.attrGet("href")), concern))
    html: Any = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    return str(html)


def _local(href: str, concern: str) -> str:
    """A link between runbooks as the viewer's own address; any other as it is."""
    found = _RUNBOOK.fullmatch(href)
    if not found:
        return href
    if found["name"] == "README":
        return "/runbooks"
    return f"/runbooks/{found['concern'] or concern}/{found['name']}{found['part'] or ''}"
