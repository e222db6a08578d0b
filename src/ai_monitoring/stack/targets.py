"""The files that declare services, `prometheus/targets/*.yml`: what Prometheus' own checker does not tell of them."""

import difflib
import re
from collections.abc import Iterator
from pathlib import Path

from ai_monitoring.stack.errors import StackError

DEMO = "demo.yml"

_SPECIAL_LABELS = ("__metrics_path__", "__health_path__", "__scheme__", "__scrape_interval__", "__scrape_timeout__")
_LABEL = re.compile(r"\b(__\w+__)[\"']?\s*:")


def files(root: Path) -> list[Path]:
    """Every file of declared services."""
    return sorted((root / "prometheus" / "targets").glob("*.yml"))


def declared(root: Path) -> bool:
    """Whether a user declares any service; the demo's do not count."""
    return any(line != "[]" for file in files(root) if file.name != DEMO for _, line in _lines(file))


def check_labels(file: Path) -> None:
    """Refuse special labels that nobody reads: Prometheus drops them without a word, and the default is used."""
    for number, line in _lines(file):
        for label in _LABEL.findall(line):
            if label not in _SPECIAL_LABELS and not label.startswith("__param_"):
                close = difflib.get_close_matches(label, _SPECIAL_LABELS, n=1)
                hint = f" Did you mean {close[0]}?" if close else f" There are: {', '.join(_SPECIAL_LABELS)}."
                raise StackError(
                    f"{file.name} line {number}: {label} is no label that anybody reads.{hint}", "Correct it."
                )


def _lines(file: Path) -> Iterator[tuple[int, str]]:
    """The lines that say something, with their numbers."""
    for number, raw in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        line = raw.strip()
        if line and not line.startswith("#") and line != "---":
            yield number, line
