"""Attack probes, told by a request's path, query string and user agent alone; its body is never read.

The patterns are data: intrusion.toml. Most requests never meet them: a path of plain characters and a query without
the signs and words that every probe needs are let through before.
"""

import re
import tomllib
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Final
from urllib.parse import unquote, unquote_plus


class Kind(StrEnum):
    """The closed set of kinds, the gravest first: each is a label value, present at 0 from the start."""

    INJECTION = "injection"
    TRAVERSAL = "traversal"
    XSS = "xss"
    SCANNER = "scanner"


MAX_LENGTH: Final = 1024
"""Characters of a path or a query that are looked at: a probe shows early, and reading costs the application time."""

_PLAIN_PATH = re.compile(r"[\w/.,:@+~=-]*")
_PLAIN_QUERY = re.compile(r"[\w.,:@+~/&=-]*")
_SIGNS = re.compile(r"['\"<>;|`${}()\\%\[\]#*\x00\n]")
_MISSPELT = re.compile(r"%c[01]%|%u22|%ef%bc", re.IGNORECASE)  # a slash that decoding does not show
_WORDS: Final = (
    "..",
    "--",
    "&&",
    "+or+",
    "+and+",
    "select",
    "etc/",
    "proc/",
    "://",
    ":/",
    " or ",
    " and ",
    "_file",
    "ifs",
    "javascript",
)


def _patterns() -> dict[str, dict[str, re.Pattern[str]]]:
    text = files("ai_monitoring.web").joinpath("intrusion.toml").read_text(encoding="utf-8")
    return {
        kind: {place: _joined(expressions) for place, expressions in places.items()}
        for kind, places in tomllib.loads(text).items()
    }


def _joined(expressions: Iterable[str]) -> re.Pattern[str]:
    """One pattern out of several, the numbers of their groups moved accordingly."""
    parts: list[str] = []
    groups = 0
    for expression in expressions:
        parts.append(re.sub(r"\\([1-9])", lambda digit: rf"\{int(digit[1]) + groups}", expression))  # noqa: B023
        groups += re.compile(expression).groups
    return re.compile("|".join(f"(?:{part})" for part in parts), re.IGNORECASE | re.DOTALL)


_PATTERNS: Final = _patterns()
_ANYWHERE: Final = {Kind(kind): places["any"] for kind, places in _PATTERNS.items() if "any" in places}


def kinds(path: str, query: str, user_agent: str, not_found: bool) -> tuple[Kind, ...]:
    """The kinds of attack that this request looks like, the gravest first; for nearly every request none.

    `path` is decoded once, as frameworks hand it over; `query` is as it came. `not_found` says that the answer is 404.
    """
    if (
        not not_found
        and _PLAIN_PATH.fullmatch(path)
        and ".." not in path
        and (not query or _is_plain(query))
        and not _is_scanner(user_agent[:MAX_LENGTH])
    ):
        return ()
    return _examined(path[:MAX_LENGTH], query[:MAX_LENGTH], user_agent[:MAX_LENGTH], not_found)


def _is_plain(query: str) -> bool:
    if not _PLAIN_QUERY.fullmatch(query):
        return False
    lowered = query.lower()
    return not any(word in lowered for word in _WORDS)


@lru_cache(maxsize=1024)
def _is_scanner(user_agent: str) -> bool:
    return _PATTERNS["scanner"]["user_agent"].search(user_agent) is not None


def _examined(path: str, query: str, user_agent: str, not_found: bool) -> tuple[Kind, ...]:
    texts = [text for text in _readings(path, query) if _needs_a_look(text)]
    found = {kind for kind, pattern in _ANYWHERE.items() if any(map(pattern.search, texts))}
    if any(map(_PATTERNS["traversal"]["path"].search, {path, unquote(path)})):
        found.add(Kind.TRAVERSAL)
    if _is_scanner(user_agent) or (not_found and _PATTERNS["scanner"]["not_found"].search(path)):
        found.add(Kind.SCANNER)
    return tuple(kind for kind in Kind if kind in found)


def _readings(path: str, query: str) -> list[str]:
    """The path, and the query after a question mark, decoded once and decoded twice; each once."""
    once = unquote_plus(query)
    texts = [path, unquote(path), f"?{once}", f"?{unquote_plus(once)}"]
    if _MISSPELT.search(query):
        texts.append(f"?{query}")
    return list(dict.fromkeys(texts))


def _needs_a_look(text: str) -> bool:
    if _SIGNS.search(text):
        return True
    lowered = text.lower()
    return any(word in lowered for word in _WORDS)
