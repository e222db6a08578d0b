"""Names of labels made from what a line calls its fields."""

import re

_OTHER = re.compile(r"[^A-Za-z0-9_]")


def sanitized(key: str) -> str:
    """The key as the name of a label: other characters become underscores, a digit gets one before it."""
    key = key.strip()
    if not key:
        return ""
    name = _OTHER.sub("_", key)
    return "_" + name if name[0].isdigit() else name
