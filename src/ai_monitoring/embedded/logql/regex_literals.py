"""What a regular expression says in plain text: whole alternatives, or a piece that each of its matches holds."""

import re
from dataclasses import dataclass

_PLAIN = r"(?:[^\\.+*?()|\[\]{}^$]|\\[.+*?()|\[\]{}^$/\-])"
_ALTERNATIVES = re.compile(rf"(?:{_PLAIN}*)(?:\|{_PLAIN}*)*")
_IGNORING_CASE = re.compile(rf"\(\?i\)(?P<text>{_PLAIN}*)")
_ESCAPE = re.compile(r"\\(.)")
_FOLDED = re.compile("[kKsS]")
"""Letters with a third form that Unicode folds to them: the Kelvin sign and the long s."""


def alternatives(pattern: str) -> list[str]:
    """`a|b|c`, also in parentheses, as [a, b, c]; nothing for an expression that says more."""
    if pattern.startswith("(") and pattern.endswith(")") and not pattern.startswith("(?"):
        pattern = pattern[1:-1]
    if not _ALTERNATIVES.fullmatch(pattern):
        return []
    return [_ESCAPE.sub(r"\1", word) for word in re.split(r"(?<!\\)\|", pattern)]


@dataclass(frozen=True)
class Like:
    """SQL's LIKE, which ignores the case of ASCII. Not `exact`: lines with the other forms of k or s are missing."""

    pattern: str
    exact: bool


def literal_like(pattern: str) -> Like | None:
    """`(?i)text` for LIKE; None for anything else."""
    found = _IGNORING_CASE.fullmatch(pattern)
    if not found or not found["text"].isascii():
        return None
    text = _ESCAPE.sub(r"\1", found["text"])
    escaped = re.sub(r"([%_\\])", r"\\\1", text)
    return Like(f"%{escaped}%", exact=not _FOLDED.search(text))


_RUN = re.compile(
    r"(?P<group>\()|(?P<set>\[\^?\]?(?:\[:\w+:\]|\\.|[^\]\\])*\])|\\(?P<escaped>\W)|(?P<class>\\.|[.^$+])"
    r"|(?P<repeat>[*?]|\{[^}]*\})|(?P<text>.)",
    re.DOTALL,
)


def required_literal(pattern: str) -> str:
    """The longest piece of text that every match holds; empty where none is plain to see."""
    runs, position = [""], 0
    if "(?" in pattern or "\\Q" in pattern:
        return ""
    while position < len(pattern) and (found := _RUN.match(pattern, position)):
        if pattern[position] == "|":
            return ""
        position = found.end()
        if text := found["text"] or found["escaped"]:
            runs[-1] += text
            continue
        if found["repeat"]:
            runs[-1] = runs[-1][:-1]
        if found["group"]:
            position = _closing(pattern, position)
        runs.append("")
    return max(runs, key=len)


def _closing(pattern: str, position: int) -> int:
    """Behind the parenthesis that closes the one before `position`, or the end of the expression."""
    depth = 1
    while position < len(pattern) and depth and (found := _RUN.match(pattern, position)):
        depth += 1 if found["group"] else -1 if pattern[position] == ")" else 0
        position = found.end()
    return position
