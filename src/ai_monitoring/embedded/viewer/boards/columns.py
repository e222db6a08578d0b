"""Transformations of a table's columns and rows: choose, order, rename, sort, limit, reduce."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ai_monitoring.embedded.viewer.boards.frames import Field, Frame
from ai_monitoring.embedded.viewer.boards.patterns import pattern, replacement
from ai_monitoring.embedded.viewer.boards.reduce import name_of, reduced

Options = dict[str, Any]


def organize(frames: Sequence[Frame], options: Options) -> list[Frame]:
    """Leave columns out, put them in order, give them other names."""
    hidden, shown = options.get("excludeByName") or {}, options.get("includeByName") or {}
    order, names = options.get("indexByName") or {}, options.get("renameByName") or {}

    def organized(frame: Frame) -> Frame:
        kept = [each for each in frame.fields if not hidden.get(each.title) and not hidden.get(each.name)]
        if shown:
            kept = [each for each in kept if shown.get(each.title) or shown.get(each.name)]
        kept.sort(key=lambda each: order.get(each.title, order.get(each.name, len(order))))
        return Frame(frame.ref, [_renamed(each, names.get(each.title) or names.get(each.name)) for each in kept])

    return [organized(frame) for frame in frames]


def filter_fields(frames: Sequence[Frame], options: Options) -> list[Frame]:
    """Keep the columns that `include` names, without those of `exclude`."""
    include, exclude = options.get("include") or {}, options.get("exclude") or {}

    def kept(field: Field) -> bool:
        wanted = _named(field, include) if include.get("names") or include.get("pattern") else True
        return wanted and not _named(field, exclude)

    found = [Frame(frame.ref, [each for each in frame.fields if kept(each)]) for frame in frames]
    return [frame for frame in found if frame.fields]


def filter_refs(frames: Sequence[Frame], options: Options) -> list[Frame]:
    """Keep the frames of the queries whose letters fit."""
    wanted = pattern(f"^(?:{options.get('include') or '.*'})$")
    return [frame for frame in frames if wanted.search(frame.ref)]


def rename(frames: Sequence[Frame], options: Options) -> list[Frame]:
    """Rename by a regular expression."""
    found, text = pattern(str(options.get("regex") or "")), replacement(str(options.get("renamePattern") or ""))

    def renamed(field: Field) -> Field:
        return _renamed(field, found.sub(text, field.title, 1) if found.search(field.title) else None)

    return [Frame(frame.ref, [renamed(each) for each in frame.fields]) for frame in frames]


def sort(frames: Sequence[Frame], options: Options) -> list[Frame]:
    """Sort rows by one field; empty cells come last."""
    by: dict[str, Any] = next(iter(options.get("sort") or []), {})
    for frame in frames:
        key = next((each for each in frame.fields if by.get("field") in (each.title, each.name)), None)
        if key is not None:
            frame.taken(_sorted(key, bool(by.get("desc"))))
    return list(frames)


def limit(frames: Sequence[Frame], options: Options) -> list[Frame]:
    most = int(options.get("limitField") or 10)
    for frame in frames:
        frame.taken(range(min(len(frame), most)))
    return list(frames)


def reduce(frames: Sequence[Frame], options: Options) -> list[Frame]:
    """A row a series with its calculations or, in the mode `reduceFields`, one row of the fields reduced."""
    calculations = options.get("reducers") or ["max"]
    times = bool(options.get("includeTimeField"))
    if options.get("mode") == "reduceFields":
        return [_one_row(frame, calculations[0], times) for frame in frames]
    series = [each for frame in frames for each in frame.fields if times or each.kind != "time"]
    if not series:
        return []
    fields = [Field("Field", "string", [each.title for each in series])]
    if options.get("labelsToFields"):
        fields += _label_fields(series)
    for calculation in calculations:
        values = [reduced(each.values, calculation) for each in series]
        fields.append(Field(name_of(calculation), "number", values, config=dict(series[0].config)))
    return [Frame(frames[0].ref, fields)]


def _one_row(frame: Frame, calculation: str, times: bool) -> Frame:
    kept = [each for each in frame.fields if times or each.kind != "time"]
    return Frame(frame.ref, [replace(each, values=[reduced(each.values, calculation)]) for each in kept])


def _label_fields(series: Sequence[Field]) -> list[Field]:
    names = sorted({name for each in series for name in each.labels})
    return [Field(name, "string", [each.labels.get(name, "") for each in series]) for name in names]


def _renamed(field: Field, name: str | None) -> Field:
    return replace(field, name=name, display=name) if name else field


def _named(field: Field, matcher: dict[str, Any]) -> bool:
    names = matcher.get("names") or []
    by_pattern = matcher.get("pattern")
    return field.title in names or field.name in names or bool(by_pattern and pattern(by_pattern).search(field.title))


def _sorted(key: Field, descending: bool) -> list[int]:
    rows = [row for row, value in enumerate(key.values) if value is not None]
    empty = [row for row, value in enumerate(key.values) if value is None]
    return sorted(rows, key=lambda row: key.values[row], reverse=descending) + empty
