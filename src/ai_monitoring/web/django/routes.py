"""The `endpoint` label of a request: the route template that matched it, never its path."""

import re
from functools import lru_cache
from typing import Final

from django.http import HttpRequest

from ai_monitoring.web.meter import UNMATCHED

MAX_LENGTH: Final = 200
"""Characters of a template that a label shows: a regular expression can be of any length."""

_TOKEN = re.compile(
    r"""
      \\[AbBZz]                       # an anchor
    | \\(?P<escaped>.)                # an escaped character, or a class such as \d
    | \[\^?\]?(?:\\.|[^\]\\])*\]      # a set of characters
    | \(\?P<(?P<name>\w+)>            # a named group
    | \(\?:                           # a group that captures nothing
    | \(\?[^)]*                       # a look-around, a flag, a comment
    | (?P<opening>\()
    | (?P<closing>\))
    | (?:[*+?]|\{\d*,?\d*\})[?+]?     # how often
    | [\^$]
    | (?P<literal>.)
    """,
    re.VERBOSE | re.DOTALL,
)


def endpoint(request: HttpRequest) -> str:
    """The template with a leading slash, such as `/users/<int:pk>/`; UNMATCHED where no route matched."""
    try:
        match = request.resolver_match
        return UNMATCHED if match is None else template(match.route)
    except Exception:  # whatever an application put there in its place
        return UNMATCHED


@lru_cache(maxsize=4096)
def template(route: str) -> str:
    """A route as Django composes it over includes, its regular expressions made readable."""
    text = readable(route) if any(mark in route for mark in "^$\\(") else route
    return "/" + text.removeprefix("/")[:MAX_LENGTH]


def readable(pattern: str) -> str:
    r"""A regular expression as a template: `^articles/(?P<year>\d{4})/$` is `articles/<year>/`.

    An unnamed group is `<var>`; what only says how often, or where, is left out.
    """
    shown: list[str] = []
    groups: list[bool] = []  # of each open group: whether its content is hidden behind its name
    for token in _TOKEN.finditer(pattern):
        hidden = any(groups)
        text = token[0]
        if text.startswith("(") or token["closing"]:
            _step(token, groups, shown, hidden)
        elif not hidden:
            shown.append(_shown(token))
    return "".join(shown)


def _step(token: re.Match[str], groups: list[bool], shown: list[str], hidden: bool) -> None:
    """Enter or leave a group."""
    if token["closing"]:
        if groups:
            groups.pop()
        return
    groups.append(not token[0].startswith("(?:"))
    if not hidden and (token["name"] or token["opening"]):
        shown.append(f"<{token['name'] or 'var'}>")


def _shown(token: re.Match[str]) -> str:
    """What a token outside hidden groups adds to the template."""
    if token["literal"]:
        return token["literal"]
    if token["escaped"]:
        return token["escaped"] if not token["escaped"].isalnum() else token[0]
    return token[0] if token[0].startswith("[") else ""
