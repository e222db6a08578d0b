"""Regular expressions as dashboards have them: JavaScript's, with or without slashes."""

import re
from functools import cache

_SLASHED = re.compile(r"/(.*)/([a-z]*)", re.DOTALL)


class PatternError(ValueError):
    """A regular expression that cannot be used; the message holds it."""


@cache
def pattern(text: str) -> re.Pattern[str]:
    """Of `/^a$/i` or of `^a$`. Raises PatternError."""
    slashed = _SLASHED.fullmatch(text)
    body, flags = slashed.groups() if slashed else (text, "")
    try:
        # JavaScript writes a named group without P.
        return re.compile(body.replace("(?<", "(?P<").replace("(?P<=", "(?<=").replace("(?P<!", "(?<!"), _flags(flags))
    except re.error as error:
        raise PatternError(f"{text!r} is no regular expression that is understood here: {error}.") from error


def replacement(text: str) -> str:
    """`$1` and `$<name>` as Python's `re.sub` writes them."""
    escaped = text.replace("\\", "\\\\")
    return re.sub(r"\$(?:(\d{1,2})|<(\w+)>|&)", lambda part: rf"\g<{part[1] or part[2] or 0}>", escaped)


def _flags(letters: str) -> int:
    known = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}
    return sum(known.get(letter, 0) for letter in set(letters))
