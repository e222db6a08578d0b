"""The numbers of prometheus/rules/thresholds.yml.

Prometheus takes any query for one: with `expr: zero` it finds no such series, and what compares with it never alerts.
"""

import re
from pathlib import Path

from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.rendering import read

FILE = Path("prometheus", "rules", "thresholds.yml")

_EXPR = re.compile(r"\s*(?:-\s+)?expr:(?P<value>.*)")
_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
_NUMBERS = re.compile(rf"{_NUMBER}(?:\s*[-+*/]\s*{_NUMBER})*")


def check(root: Path) -> None:
    """Refuse a threshold that is neither a number nor a sum, difference, product or quotient of numbers, as `60 * 5`.

    Raises StackError with file and line. `vector(3)` and other queries are refused: a threshold is for reading, too.
    """
    for number, line in enumerate(read(root, root / FILE).splitlines(), 1):
        match = _EXPR.fullmatch(line)
        if match and not _NUMBERS.fullmatch(value := _unquoted(match["value"])):
            raise StackError(
                f"{FILE} line {number}: {value or 'nothing'} is no number.",
                "Write one such as 0.95, or a product such as 60 * 5; nothing was changed.",
            )


def _unquoted(text: str) -> str:
    value = re.sub(r"(^|\s)#.*", "", text).strip()
    quoted = value[:1] in {'"', "'"} and value[1:].endswith(value[:1])
    return value[1:-1].strip() if quoted else value
