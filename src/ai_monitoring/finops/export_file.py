"""Reads a provider's usage export, CSV or JSON."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from ai_monitoring.finops.export_shapes import SHAPES, Shape

_WANTED = "wanted are OpenAI's or Anthropic's exports of costs or usage, CSV or JSON (docs/finops.md)"


class ExportError(ValueError):
    """The file is no export that can be compared: which file, row and column, and what is wrong."""


@dataclass(frozen=True, slots=True)
class Line:
    """A day (UTC) of one model: what it cost in `currency`, or the tokens by kind where the export tells no money.
    `model` is empty where the export does not tell it.
    """

    day: date
    model: str
    amount: Decimal | None
    currency: str
    tokens: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Export:
    """The lines of a file, of one provider."""

    provider: str
    lines: tuple[Line, ...]


def read_export(path: Path) -> Export:
    """The export in that file. Raises ExportError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ExportError(f"{path} cannot be read: {error}") from error
    rows = list(_json_rows(path, text) if text.lstrip()[:1] in ("{", "[") else _csv_rows(path, text))
    if not rows:
        raise ExportError(f"{path} holds no rows; {_WANTED}")
    columns = set().union(*(row for _, row in rows))
    shape = next((shape for shape in SHAPES if shape.needs <= columns), None)
    if shape is None:
        raise ExportError(f"{path}: the columns {', '.join(sorted(columns)[:12])} are of no known export; {_WANTED}")
    return Export(shape.provider, tuple(filter(None, (_Row(path, *row, shape).line() for row in rows))))


def _csv_rows(path: Path, text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    first = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text), delimiter="\t" if "\t" in first else ",")
    try:
        for row in reader:
            named = {str(name).strip(): value for name, value in row.items() if name is not None}
            yield f"row {reader.line_num}", named
    except csv.Error as error:
        raise ExportError(f"{path}: what follows row {reader.line_num} is no CSV: {error}") from error


def _json_rows(path: Path, text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        content = json.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise ExportError(f"{path} is no JSON: {error}") from error
    pages = content if isinstance(content, list) else [content]
    if pages and isinstance(pages[-1], dict) and pages[-1].get("has_more"):
        raise ExportError(f"{path}: has_more is true, so a page is missing; put all pages into one list: [page, page]")
    for at, bucket in enumerate(bucket for page in pages for bucket in _list(path, page, "data")):
        if isinstance(bucket, dict) and "group" in bucket:  # Anthropic's newer reports: a row each, with its time
            yield f"data[{at}]", dict(_flat(bucket))
            continue
        for number, result in enumerate(_list(path, bucket, "results")):
            time = {name: value for name, value in bucket.items() if name != "results"}
            yield f"data[{at}].results[{number}]", {**time, **dict(_flat(result))}


def _list(path: Path, content: Any, key: str) -> list[Any]:
    found = content.get(key) if isinstance(content, dict) else None
    if not isinstance(found, list):
        raise ExportError(f"{path}: there is no list {key!r} in it; {_WANTED}")
    return found


def _flat(content: Any, before: str = "", levels: int = 3) -> Iterator[tuple[str, Any]]:
    for name, value in content.items() if isinstance(content, dict) else ():
        if isinstance(value, dict) and levels > 1:
            yield from _flat(value, f"{before}{name}_", levels - 1)
        else:
            yield f"{before}{name}", value


class _Row:
    """One row of a file, read by its shape."""

    def __init__(self, path: Path, place: str, row: Mapping[str, Any], shape: Shape) -> None:
        self._path, self._place, self._row, self._shape = path, place, row, shape

    def line(self) -> Line | None:
        """None for a row without any use: exports have one for each day without."""
        shape = self._shape
        if not self._text(shape.amount or next(iter(shape.tokens.values()))[0]):
            return None
        day, model = self._day(), self._text(shape.model)
        if shape.amount:
            currency = (self._text(shape.currency) if shape.currency else "") or "USD"
            return Line(day, model, self._number(shape.amount) * shape.unit, currency.upper())
        tokens = {kind: sum(map(self._count, columns)) for kind, columns in shape.tokens.items()}
        tokens["input"] = max(0, tokens["input"] - sum(map(self._count, shape.minus)))
        return Line(day, model, None, "", tokens)

    def _day(self) -> date:
        value = self._text(self._shape.day)
        try:
            if value.isdecimal():
                return datetime.fromtimestamp(int(value), UTC).date()
            time = datetime.fromisoformat(value)
            return (time.astimezone(UTC) if time.tzinfo else time).date()
        except (ValueError, OverflowError, OSError):
            raise self._error(self._shape.day, "no day such as 2026-11-27") from None

    def _number(self, column: str) -> Decimal:
        try:
            number = Decimal(self._text(column))
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            raise self._error(column, "no amount such as 1.25")
        return number

    def _count(self, column: str) -> int:
        number = self._number(column) if self._text(column) else Decimal(0)
        if number < 0 or number != number.to_integral_value():
            raise self._error(column, "no number of tokens")
        return int(number)

    def _text(self, column: str) -> str:
        value = self._row.get(column)
        return "" if value is None else str(value).strip()

    def _error(self, column: str, what: str) -> ExportError:
        return ExportError(f"{self._path}, {self._place}, column {column}: {self._text(column)!r} is {what}")
