"""Transformations."""

from typing import Any

import pytest

from ai_monitoring.embedded.viewer.boards.frames import Field, Frame
from ai_monitoring.embedded.viewer.boards.transform import transformed


def table(ref: str, **columns: list[Any]) -> Frame:
    def kind(values: list[Any]) -> Any:
        return "number" if all(value is None or isinstance(value, float) for value in values) else "string"

    return Frame(ref, [Field(name.replace("_", " "), kind(values), values) for name, values in columns.items()])


def series(ref: str, service: str, *values: float) -> Frame:
    times = list(range(0, 1000 * len(values), 1000))
    return Frame(
        ref, [Field("Time", "time", times), Field("Value", "number", list(values), {"service": service}, service)]
    )


def changed(frames: list[Frame], *transformations: tuple[str, dict[str, Any]]) -> list[dict[str, list[Any]]]:
    found, errors = transformed(frames, [{"id": name, "options": options} for name, options in transformations])
    assert errors == []
    return [{field.title: field.values for field in frame.fields} for frame in found]


UP = table("A", service=["a", "b"], Value_A=[1.0, 0.0])
RESTARTS = table("B", service=["b", "c"], Value_B=[7.0, 8.0])


def test_merge_joins_rows_that_agree() -> None:
    assert changed([UP, RESTARTS], ("merge", {})) == [
        {"service": ["a", "b", "c"], "Value A": [1.0, 0.0, None], "Value B": [None, 7.0, 8.0]}
    ]


def test_merge_keeps_rows_that_contradict_each_other() -> None:
    one, other = table("A", name=["a"], x=[1.0]), table("B", name=["a", "a"], y=[2.0, 3.0])
    assert changed([one, other], ("merge", {})) == [{"name": ["a", "a"], "x": [1.0, None], "y": [2.0, 3.0]}]


def test_merge_of_one_or_none_changes_nothing() -> None:
    assert changed([UP], ("merge", {})) == [{"service": ["a", "b"], "Value A": [1.0, 0.0]}]
    assert changed([], ("merge", {})) == []


def test_organize_hides_orders_and_renames() -> None:
    options = {
        "excludeByName": {"Time": True, "kept": False},
        "indexByName": {"b": 0, "a": 1},
        "renameByName": {"a": "Alert"},
    }
    frame = table("A", Time=["t"], kept=["k"], a=["1"], b=["2"])
    found = changed([frame], ("organize", options))
    assert [list(each) for each in found] == [["b", "Alert", "kept"]]


def test_filter_fields() -> None:
    assert [list(each) for each in changed([UP], ("filterFieldsByName", {"include": {"names": ["service"]}}))] == [
        ["service"]
    ]
    assert [list(each) for each in changed([UP], ("filterFieldsByName", {"exclude": {"pattern": "^Val"}}))] == [
        ["service"]
    ]


def test_filter_by_query() -> None:
    assert len(changed([UP, RESTARTS], ("filterByRefId", {"include": "B"}))) == 1


def test_labels_become_columns() -> None:
    found = changed([series("A", "x", 1.0), series("B", "y", 2.0)], ("labelsToFields", {}))
    assert found == [{"Time": [0, 0], "service": ["x", "y"], "Value": [1.0, 2.0]}]
    named = changed([series("A", "x", 1.0)], ("labelsToFields", {"valueLabel": "service"}))
    assert named == [{"Time": [0], "x": [1.0]}]


def test_labels_become_rows() -> None:
    found = changed([series("A", "x", 1.0)], ("labelsToFields", {"mode": "rows"}))
    assert found == [{"label": ["service"], "value": ["x"]}]


def test_join_by_time() -> None:
    frames = [series("A", "x", 1.0, 2.0), series("B", "y", 3.0)]
    assert changed(frames, ("joinByField", {})) == [{"Time": [0, 1000], "x": [1.0, 2.0], "y": [3.0, None]}]
    assert changed(frames, ("joinByField", {"byField": "Time", "mode": "inner"})) == [
        {"Time": [0], "x": [1.0], "y": [3.0]}
    ]


def test_series_become_rows() -> None:
    found = changed([series("A", "x", 1.0, 2.0)], ("seriesToRows", {}))
    assert found == [{"Time": [1000, 0], "Metric": ["x", "x"], "Value": [2.0, 1.0]}]


def test_sort_and_limit() -> None:
    frame = table("A", x=[1.0, None, 3.0])
    options = {"sort": [{"field": "x", "desc": True}]}
    assert changed([frame], ("sortBy", options)) == [{"x": [3.0, 1.0, None]}]
    assert changed([frame], ("limit", {"limitField": 1})) == [{"x": [3.0]}]


def test_rename_by_expression() -> None:
    found = changed([table("A", Value_A=[1.0])], ("renameByRegex", {"regex": "Value (.)", "renamePattern": "$1!"}))
    assert found == [{"A!": [1.0]}]


def test_reduce_makes_a_row_a_series() -> None:
    frames = [series("A", "x", 1.0, 2.0), series("B", "y", 3.0)]
    options = {"reducers": ["max", "lastNotNull"], "labelsToFields": True}
    assert changed(frames, ("reduce", options)) == [
        {"Field": ["x", "y"], "service": ["x", "y"], "Max": [2.0, 3.0], "Last *": [2.0, 3.0]}
    ]
    assert changed(frames[:1], ("reduce", {"mode": "reduceFields", "reducers": ["sum"]})) == [{"x": [3.0]}]


@pytest.mark.parametrize(
    ("transformation", "said"),
    [
        ({"id": "calculateField"}, "'calculateField' is not done here"),
        ({"id": "reduce", "options": {"reducers": ["magic"]}}, "'reduce' failed: The calculation 'magic'"),
        ({"id": "renameByRegex", "options": {"regex": "("}}, "'renameByRegex' failed"),
    ],
)
def test_what_cannot_be_done_is_named_and_the_rest_goes_on(transformation: dict[str, Any], said: str) -> None:
    found, errors = transformed(
        [series("A", "x", 1.0)], [transformation, {"id": "merge"}, {"id": "no", "disabled": True}]
    )
    assert len(found) == 1
    assert len(errors) == 1
    assert said in errors[0]
