"""Value mappings: the word and the colour that stand for a value."""

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ai_monitoring.embedded.viewer.boards.patterns import pattern, replacement


class Mapped(NamedTuple):
    """`text` is None where the number itself is shown; `color` is Grafana's name, or empty."""

    text: str | None = None
    color: str = ""


def mapped(value: Any, mappings: Sequence[dict[str, Any]]) -> Mapped:
    """What the first mapping that fits says. Raises PatternError."""
    for mapping in mappings:
        result = _KINDS.get(mapping.get("type", ""), _nothing)(value, mapping.get("options") or {})
        if result is not None:
            text = result.get("text")
            return Mapped(str(text) if text not in (None, "") else None, str(result.get("color") or ""))
    return Mapped()


def written(value: Any) -> str:
    """As JavaScript writes it: 1.0 is `1`."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return "" if value is None else str(value)


Result = dict[str, Any] | None


def _nothing(value: Any, options: dict[str, Any]) -> Result:
    return None


def _value(value: Any, options: dict[str, Any]) -> Result:
    return options.get(written(value)) if value is not None else options.get("null")


def _range(value: Any, options: dict[str, Any]) -> Result:
    if not isinstance(value, (int, float)):
        return None
    low, high = options.get("from"), options.get("to")
    inside = (low is None or value >= low) and (high is None or value <= high)
    return options.get("result") or {} if inside else None


def _regex(value: Any, options: dict[str, Any]) -> Result:
    if not isinstance(value, str) or not pattern(options.get("pattern", "")).search(value):
        return None
    result = dict(options.get("result") or {})
    if result.get("text"):
        result["text"] = pattern(options["pattern"]).sub(replacement(result["text"]), value, 1)
    return result


def _special(value: Any, options: dict[str, Any]) -> Result:
    missing = value is None or (isinstance(value, float) and math.isnan(value))
    fits = {
        "null": missing,
        "nan": missing,  # a source's NaN comes as None: JSON has no other
        "null+nan": missing,
        "true": value is True or value == "true",
        "false": value is False or value == "false",
        "empty": value == "",
    }
    return options.get("result") or {} if fits.get(str(options.get("match")).lower(), False) else None


_KINDS: dict[str, Callable[[Any, dict[str, Any]], Result]] = {
    "value": _value,
    "range": _range,
    "regex": _regex,
    "special": _special,
}
