"""Levels of log lines, from the worst down, under the names that Loki detects."""

ORDER = ("critical", "error", "warn", "info", "debug", "trace", "unknown")
_NAMES = {
    "emergency": "critical",
    "alert": "critical",
    "fatal": "critical",
    "err": "error",
    "warning": "warn",
    "information": "info",
    "notice": "info",
}


def level_of(name: str) -> str:
    """One of ORDER, for what an application calls it. Pages show it as the class `level-…`."""
    lower = name.lower()
    known = _NAMES.get(lower, lower)
    return known if known in ORDER else "unknown"
