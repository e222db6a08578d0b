"""Matching of labels and lines. Regular expressions are RE2's, as Loki's are: in linear time, whatever a user types."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import re2


def _options(*, dot_matches_newline: bool) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.dot_nl = dot_matches_newline
    options.max_mem = 8 << 20
    return options


_LINE = _options(dot_matches_newline=False)
_LABEL = _options(dot_matches_newline=True)


@lru_cache(256)
def compiled(pattern: str, *, whole: bool = False) -> Any:
    """A regular expression; for `whole` values a dot is any character. Raises ValueError."""
    try:
        return re2.compile(pattern, options=_LABEL if whole else _LINE)
    except re2.error as error:
        reason = error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else str(error)
        raise ValueError(f"error parsing regexp: {reason}: `{pattern}`") from error


@dataclass(frozen=True)
class Matcher:
    """`name="value"`, `!=`, `=~` or `!~`, a label that is not there being empty. Raises ValueError for a bad regex."""

    name: str
    operator: str
    value: str
    _regex: Any = field(init=False, repr=False, compare=False, default=None)

    def __post_init__(self) -> None:
        if self.operator in ("=~", "!~"):
            object.__setattr__(self, "_regex", compiled(self.value, whole=True))

    def matches(self, value: str) -> bool:
        if self._regex is None:
            return (value == self.value) == (self.operator == "=")
        return (self._regex.fullmatch(value) is not None) == (self.operator == "=~")
