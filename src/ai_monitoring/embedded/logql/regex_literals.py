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
    """SQL's LIKE, which ignores the case of ASCII. Not `exact`: the expression has still to be asked."""

    pattern: str
    exact: bool


def literal_like(pattern: str) -> Like | None:
    """`(?i)text` for LIKE; None for anything else."""
    found = _IGNORING_CASE.fullmatch(pattern)
    if not found or not found["text"].isascii():
        return None
    text = _ESCAPE.sub(r"\1", found["text"])
    escaped = re.sub(r"([%_\\])", r"\\\1", text)
    folded = _FOLDED.sub("_", escaped)
    return Like(f"%{folded}%", exact=folded == escaped)


def required_literal(pattern: str) -> str:
    """The longest piece of text that every match holds; empty where none is plain to see."""
    runs, position = [""], 0
    if "(?" in pattern or "\\Q" in pattern:
        return ""
    while position < len(pattern):
        character = pattern[position]
        if character == "|":
            return ""
        if character in "([":
            position = _closing(pattern, position)
            runs.append("")
        elif character in "*?{":
            runs[-1] = runs[-1][:-1]
            runs.append("")
            position = pattern.find("}", position) if character == "{" else position
            if position < 0:
                return ""
        elif character in "+.^$":
            runs.append("")
        elif character == "\\":
            position += 1
            _escaped(runs, pattern[position : position + 1])
        else:
            runs[-1] += character
        position += 1
    return max(runs, key=len)


def _escaped(runs: list[str], character: str) -> None:
    if character and not character.isalnum():
        runs[-1] += character
    else:
        runs.append("")


def _closing(pattern: str, position: int) -> int:
    """Where the bracket at `position` ends, or the end of the expression."""
    if pattern[position] == "[":
        end = re.compile(r"\[\^?\]?(?:\[:\w+:\]|\\.|[^\]\\])*\]").match(pattern, position)
        return end.end() - 1 if end else len(pattern)
    depth = 0
    for place in range(position, len(pattern)):
        depth += {"(": 1, ")": -1}.get(pattern[place], 0) if pattern[place - 1] != "\\" else 0
        if depth == 0:
            return place
    return len(pattern)
