"""The files that declare services, `prometheus/targets/*.yml`: what Prometheus' own checker does not tell of them."""

import difflib
import re
from collections.abc import Iterator
from pathlib import Path

from ai_monitoring.stack.errors import StackError

DEMO = "demo.yml"

_SPECIAL_LABELS = ("__metrics_path__", "__health_path__", "__scheme__", "__scrape_interval__", "__scrape_timeout__")
_LABEL = re.compile(r"\b(__\w+__)[\"']?\s*:")
_CAPACITY = re.compile(r"\bcapacity_per_minute[\"']?\s*:\s*[\"']?([^\"',}#]*?)\s*(?:[\"',}#]|$)")
_POSITIVE = re.compile(r"(?=.*[1-9])\d+(?:\.\d+)?")


def files(root: Path) -> list[Path]:
    """Every file of declared services."""
    return sorted((root / "prometheus" / "targets").glob("*.yml"))


def declared(root: Path) -> bool:
    """Whether a user declares any service; the demo's do not count."""
    return any(line != "[]" for file in files(root) if file.name != DEMO for _, line in _lines(file))


def check_labels(file: Path) -> None:
    """Refuse what Prometheus takes without a word: special labels that nobody reads, a capacity that is no number."""
    for number, line in _lines(file):
        place = f"{file.name} line {number}"
        for label in _LABEL.findall(line):
            _check_special(label, place)
        for value in _CAPACITY.findall(line):
            _check_capacity(value, place)


def _check_special(label: str, place: str) -> None:
    if label in _SPECIAL_LABELS or label.startswith("__param_"):
        return
    close = difflib.get_close_matches(label, _SPECIAL_LABELS, n=1)
    hint = f" Did you mean {close[0]}?" if close else f" There are: {', '.join(_SPECIAL_LABELS)}."
    raise StackError(f"{place}: {label} is no label that anybody reads.{hint}", "Correct it.")


def _check_capacity(value: str, place: str) -> None:
    if not _POSITIVE.fullmatch(value):
        raise StackError(
            f'{place}: capacity_per_minute is "{value}", and must be a number above 0.',
            'Write the requests a minute that one instance can take, such as "600".',
        )


def _lines(file: Path) -> Iterator[tuple[int, str]]:
    """The lines that say something, with their numbers."""
    for number, raw in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        line = raw.strip()
        if line and not line.startswith("#") and line != "---":
            yield number, line
