"""Variables in a text: `$name`, `${name:format}`, `${name.path:format}` and `[[name:format]]`."""

import re
from collections.abc import Callable, Mapping

from ai_monitoring.embedded.viewer.boards.formats import Format, Value, glob, written

_VARIABLE = re.compile(r"\$(\w+)|\[\[(\w+?)(?::(\w+))?\]\]|\$\{(\w+)(?:\.([^:^}]+))?(?::([^}]+))?\}")
Lookup = Callable[[str, str], Value | None]
"""The value of a variable's name and path (`labels.service` in `${__field.labels.service}`), or None."""


def names(text: str) -> set[str]:
    """The variables that a text uses."""
    return {_parts(found)[0] for found in _VARIABLE.finditer(text)}


def interpolated(text: str, lookup: Lookup, default: Format = glob) -> str:
    """The text with its variables written out. A variable that nobody knows stays as it is."""

    def replaced(found: re.Match[str]) -> str:
        name, path, format_name = _parts(found)
        value = lookup(name, path)
        return found[0] if value is None else written(value, format_name, default)

    return _VARIABLE.sub(replaced, text)


def among(values: Mapping[str, Value]) -> Lookup:
    """A lookup among values by their name."""
    return lambda name, path: values.get(name)


def first_of(*lookups: Lookup) -> Lookup:
    """A lookup that asks one after the other."""

    def found(name: str, path: str) -> Value | None:
        return next((value for lookup in lookups if (value := lookup(name, path)) is not None), None)

    return found


def _parts(found: re.Match[str]) -> tuple[str, str, str]:
    short, bracketed, bracketed_format, name, path, format_name = found.groups()
    return short or bracketed or name, path or "", bracketed_format or format_name or ""
