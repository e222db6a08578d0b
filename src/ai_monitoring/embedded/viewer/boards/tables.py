"""Transformations that make one table of several: merge, join, rows of series."""

from collections.abc import Hashable, Sequence
from typing import Any

from ai_monitoring.embedded.viewer.boards.frames import Field, Frame, Kind

Options = dict[str, Any]
_Row = dict[str, Any]


def merge(frames: Sequence[Frame], options: Options) -> list[Frame]:
    """One table; rows that agree in the columns that all frames have become one row."""
    full = [frame for frame in frames if frame.fields]
    if len(full) < 2:
        return full
    common = [each.name for each in full[0].fields if all(_has(frame, each.name) for frame in full)]
    rows: list[_Row] = []
    places: dict[Hashable, list[_Row]] = {}
    for frame in full:
        for row in frame.rows():
            alike = places.setdefault(tuple(row[name] for name in common), [])
            home = next((other for other in alike if not _disagree(row, other)), None)
            if home is None:
                alike.append(row)
                rows.append(row)
            else:
                home.update(row)
    return [_gathered(full, rows)]


def join(frames: Sequence[Frame], options: Options) -> list[Frame]:
    """One table with the columns of all, by the values of one field, `Time` if none is named."""
    name = options.get("byField") or "Time"
    full = [frame for frame in frames if _has(frame, name)]
    if len(full) < 2:
        return list(frames)
    keyed = [{row[name]: at for at, row in enumerate(frame.rows())} for frame in full]
    keys = list(dict.fromkeys(key for places in keyed for key in places))
    if options.get("mode") == "inner":
        keys = [key for key in keys if all(key in places for places in keyed)]
    keys.sort(key=lambda key: (isinstance(key, str), key))
    first = next(each for each in full[0].fields if each.name == name)
    fields = [_like(first, keys)]
    for frame, places in zip(full, keyed, strict=True):
        others = (each for each in frame.fields if each.name != name)
        fields += [
            _like(each, [each.values[places[key]] if key in places else None for key in keys]) for each in others
        ]
    return [Frame(full[0].ref, fields)]


def series_to_rows(frames: Sequence[Frame], options: Options) -> list[Frame]:
    """A row a point: time, series and value, the newest first."""
    points = [
        (time, field.title, value)
        for frame in frames
        for field in frame.fields
        if field.kind == "number" and (times := frame.first("time"))
        for time, value in zip(times.values, field.values, strict=True)
    ]
    if not points:
        return []
    points.sort(key=lambda point: point[0], reverse=True)
    columns = [list(column) for column in zip(*points, strict=True)]
    kinds: list[tuple[str, Kind]] = [("Time", "time"), ("Metric", "string"), ("Value", "number")]
    fields = [Field(name, kind, column) for (name, kind), column in zip(kinds, columns, strict=True)]
    return [Frame(frames[0].ref, fields)]


def labels_to_fields(frames: Sequence[Frame], options: Options) -> list[Frame]:
    """Labels as columns, all series in one table; with `mode` `rows`, a table of labels and values for each series."""
    if options.get("mode") == "rows":
        return [_label_rows(frame, field) for frame in frames for field in frame.fields if field.labels]
    return merge([_label_columns(frame, options) for frame in frames], {})


def _label_rows(frame: Frame, field: Field) -> Frame:
    pairs = sorted(field.labels.items())
    return Frame(
        frame.ref,
        [
            Field("label", "string", [name for name, _ in pairs]),
            Field("value", "string", [value for _, value in pairs]),
        ],
    )


def _label_columns(frame: Frame, options: Options) -> Frame:
    keep, name_label = options.get("keepLabels"), options.get("valueLabel")
    fields: list[Field] = []
    for field in frame.fields:
        wanted = {name: value for name, value in field.labels.items() if not keep or name in keep}
        own = wanted.pop(name_label, field.name) if name_label else field.name
        others = [Field(name, "string", [value] * len(field.values)) for name, value in sorted(wanted.items())]
        fields += [*others, Field(own, field.kind, field.values, config=field.config)]
    return Frame(frame.ref, fields)


def _has(frame: Frame, name: str) -> bool:
    return any(each.name == name for each in frame.fields)


def _disagree(row: _Row, other: _Row) -> bool:
    return any(other.get(name) is not None and other[name] != value for name, value in row.items() if value is not None)


def _gathered(frames: Sequence[Frame], rows: Sequence[_Row]) -> Frame:
    first = {each.name: each for frame in reversed(frames) for each in reversed(frame.fields)}
    order = dict.fromkeys(each.name for frame in frames for each in frame.fields)
    return Frame(frames[0].ref, [_like(first[name], [row.get(name) for row in rows]) for name in order])


def _like(field: Field, values: list[Any]) -> Field:
    return Field(field.name, field.kind, values, field.labels, field.display, field.config)
