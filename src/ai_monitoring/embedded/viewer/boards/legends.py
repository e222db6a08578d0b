"""The names of series: from a legend such as `{{service}}`, or from their labels."""

import re
from collections.abc import Sequence

AUTO = "__auto"
_LABEL = re.compile(r"\{\{\s*(.+?)\s*\}\}")
Labels = dict[str, str]


def legends(legend: str, expression: str, series: Sequence[Labels]) -> list[str]:
    """A name for each series of one query."""
    if legend == AUTO:
        return [_short(labels, series, expression) for labels in series]
    if legend:
        return [_LABEL.sub(lambda name: labels.get(name[1], ""), legend) for labels in series]  # noqa: B023
    return [full(labels) or expression for labels in series]


def full(labels: Labels) -> str:
    """As PromQL writes a series: `up{job="node"}`."""
    inside = ", ".join(f'{name}="{value}"' for name, value in sorted(labels.items()) if name != "__name__")
    return labels.get("__name__", "") + (f"{{{inside}}}" if inside else "")


def _short(labels: Labels, series: Sequence[Labels], expression: str) -> str:
    """The value of the only label, where all the series have one and the same; else all of them."""
    own = [set(each) - {"__name__"} for each in series]
    if len(own[0]) == 1 and all(each == own[0] for each in own):
        return labels[next(iter(own[0]))]
    return full(labels) or expression
