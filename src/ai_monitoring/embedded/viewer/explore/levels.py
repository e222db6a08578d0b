"""Levels of log lines: their order, and how each is shown."""

ORDER = ("critical", "error", "warn", "info", "debug", "trace", "unknown")
"""From the worst down, under the names that Loki detects."""
_NAMES = {"fatal": "critical", "warning": "warn", "err": "error", "information": "info"}
_KINDS = {"critical": "critical", "error": "critical", "warn": "warning", "info": "accent"}


def level_of(name: str) -> str:
    """One of ORDER."""
    lower = name.lower()
    known = _NAMES.get(lower, lower)
    return known if known in ORDER else "unknown"


def kind_of(name: str) -> str:
    """The colour that a level is shown with."""
    return _KINDS.get(level_of(name), "quiet")
