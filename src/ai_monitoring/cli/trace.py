"""A recorded trace of requests to a language model: when each came, and how many tokens it had.

The format is that of the Azure public dataset: CSV with the columns TIMESTAMP, ContextTokens and GeneratedTokens.
"""

import csv
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ai_monitoring.stack.errors import StackError

COLUMNS = ("TIMESTAMP", "ContextTokens", "GeneratedTokens")
_LOOKS = "A trace is CSV with the columns TIMESTAMP, ContextTokens and GeneratedTokens."


@dataclass(frozen=True, slots=True)
class Recorded:
    """One request, `due` seconds after the first one of its trace."""

    due: float
    context_tokens: int
    generated_tokens: int


def read_trace(file: Path) -> list[Recorded]:
    """The requests in the order of their time. Raises StackError that names what is wrong, and in which line."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows = _rows(file, csv.DictReader(lines))
    except FileNotFoundError:
        raise StackError(f"There is no file {file}.", "A small trace lies in examples/traffic/trace.csv.") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise StackError(f"{file} cannot be read: {error}.", _LOOKS) from error
    if not rows:
        raise StackError(f"{file} holds no request.", _LOOKS)
    rows.sort(key=lambda row: row[0])
    first = rows[0][0]
    return [Recorded((when - first).total_seconds(), context, generated) for when, context, generated in rows]


def _rows(file: Path, reader: "csv.DictReader[str]") -> list[tuple[datetime, int, int]]:
    missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise StackError(f"{file} has no column {missing[0]}.", _LOOKS)
    rows = []
    for row in reader:
        try:
            when, context, generated = (row[name] or "" for name in COLUMNS)
            rows.append((datetime.fromisoformat(when), _tokens(context), _tokens(generated)))
        except (TypeError, ValueError) as error:
            raise StackError(f"{file} line {reader.line_num}: {error}.", _LOOKS) from error
    return rows


def _tokens(text: str) -> int:
    if not text.strip().isdecimal():
        raise ValueError(f"{text!r} is not a number of tokens")
    return int(text)
