"""What a token's text stands for."""

import json
import re

from lark import Token

from ai_monitoring.embedded.traceql.errors import TraceQLError
from ai_monitoring.embedded.traceql.values import Kind, Status, Value

_WORDS: dict[str, Value] = {
    "true": True,
    "false": False,
    **{str(status): status for status in Status},
    **{str(kind): kind for kind in Kind},
}
_NANOSECONDS = {
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
    "d": 86_400 * 10**9,
    "w": 7 * 86_400 * 10**9,
    "y": 365 * 86_400 * 10**9,
}
_PART = re.compile("([0-9.]+)([a-zµ]+)")
_LARGEST = 2**63 - 1


def value(token: Token) -> Value:
    """Raises TraceQLError for a text that no quotes of Go hold, and for a number too large."""
    if token.type == "STRING":
        return _string(token)
    if token.type == "WORD":
        return _WORDS[token]
    return None if token.type == "NIL" else number(token)


def number(token: Token) -> int | float:
    """A number; a duration in nanoseconds. Raises TraceQLError for one beyond 64 bits."""
    found: int | float
    if token.type == "DURATION":
        found = duration(token)
    else:
        # Python itself refuses to read thousands of digits.
        found = _LARGEST + 1 if len(token) > 400 else float(token) if token.type == "FLOAT" else int(token)
    if abs(found) > _LARGEST and not (token.type == "FLOAT" and found < float("inf")):
        raise TraceQLError(f"{token[:40]} is too large", token.line or 0, token.column or 0)
    return found


def duration(text: str) -> int:
    """`1.5s` or `1h30m` in nanoseconds."""
    return sum(int(float(amount) * _NANOSECONDS[unit]) for amount, unit in _PART.findall(text[:400]))


def attribute_name(text: str) -> str:
    """The name of an attribute, parts of which may be quoted: `."a name"`."""
    return re.sub(r'"((?:[^"\\]|\\.)*)"', lambda quoted: re.sub(r"\\(.)", r"\1", quoted[1]), text)


def _string(token: Token) -> str:
    if token.startswith("`"):
        return token[1:-1]
    try:
        text = str(json.loads(re.sub(r"\\([abfnrtvxu\\\"])", _escape, token), strict=False))
        text.encode()  # half of a pair of surrogates is no text
    except ValueError:
        problem = f"{token[:40]}: after a backslash come n, r, t, u with four digits, a quote or a backslash"
        raise TraceQLError(problem, token.line or 0, token.column or 0) from None
    return text


def _escape(found: re.Match[str]) -> str:
    """Go's escapes that JSON does not know, as JSON writes them."""
    return {"a": "\\u0007", "v": "\\u000b", "x": "\\u00"}.get(found[1], found[0])
