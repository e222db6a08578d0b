"""Strings as Go writes them: `"with \\n escapes"` or between backquotes as they are."""

import re

_ESCAPE = re.compile(
    r"\\(?:(?P<plain>[abfnrtv\\\"'])|x(?P<byte>[0-9a-fA-F]{2})|(?P<octal>[0-3][0-7]{2})"
    r"|u(?P<short>[0-9a-fA-F]{4})|U(?P<long>[0-9a-fA-F]{8})|(?P<bad>.))",
    re.DOTALL,
)
_PLAIN = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def unquoted(literal: str) -> str:
    """What the literal stands for. Raises ValueError for an escape that Go does not know."""
    if literal.startswith("`"):
        return literal[1:-1]
    if "\\" not in literal:
        return literal[1:-1]
    # Escapes may spell a character byte by byte.
    text = _ESCAPE.sub(_unescaped, literal[1:-1])
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _unescaped(found: re.Match[str]) -> str:
    if plain := found["plain"]:
        return _PLAIN.get(plain, plain)
    if byte := found["byte"] or found["octal"]:
        return bytes([int(byte, 16 if found["byte"] else 8)]).decode("utf-8", "surrogateescape")
    point = found["short"] or found["long"]
    if not point or int(point, 16) > 0x10FFFF or 0xD800 <= int(point, 16) < 0xE000:
        raise ValueError(f"invalid escape {found[0]} in a string")
    return chr(int(point, 16))
