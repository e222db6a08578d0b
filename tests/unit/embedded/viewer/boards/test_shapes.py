"""What each kind of panel is drawn from."""

from typing import Any

import pytest
from board_sources import view_of

from ai_monitoring.embedded.viewer.boards.frames import Field, Frame
from ai_monitoring.embedded.viewer.boards.grids import MAX_ROWS, table
from ai_monitoring.embedded.viewer.boards.heatmap import heatmap
from ai_monitoring.embedded.viewer.boards.series import MAX_SERIES, series
from ai_monitoring.embedded.viewer.boards.states import states
from ai_monitoring.embedded.viewer.boards.values import values

VIEW = view_of()
STATES = [{"type": "value", "options": {"0": {"text": "down", "color": "red"}, "1": {"text": "up", "color": "green"}}}]


def line(*numbers: float | None, name: str = "a", **config: Any) -> Frame:
    times = list(range(0, 1000 * len(numbers), 1000))
    return Frame(
        "A", [Field("Time", "time", times), Field("Value", "number", list(numbers), {"le": name}, name, dict(config))]
    )


def test_a_line_has_its_style() -> None:
    custom = {
        "drawStyle": "bars",
        "lineStyle": {"fill": "dash", "dash": [4, 2]},
        "fillOpacity": 60,
        "stacking": {"mode": "normal"},
        "axisPlacement": "right",
        "hideFrom": {"legend": True},
    }
    (found,), errors = series(
        [line(1.0, None, unit="s", color={"mode": "fixed", "fixedColor": "orange"}, custom=custom)], VIEW, "dark"
    )
    assert found["points"] == [[0, 1.0], [1000, None]]
    assert (found["name"], found["unit"], found["color"]) == ("a", "s", "#FF9830")
    assert found["style"]["dash"] == [4, 2]
    assert {key: found["style"][key] for key in ("draw", "fill", "stack", "axis", "span_nulls")} == {
        "draw": "bars",
        "fill": 60,
        "stack": "A",
        "axis": "right",
        "span_nulls": False,
    }
    assert found["hidden"] == {"legend": True, "tooltip": False, "graph": False}
    assert errors == []


def test_a_plain_line_has_grafanas_style_and_a_colour_of_the_palette() -> None:
    (one, other), _ = series([line(1.0), line(2.0, name="b")], VIEW, "light")
    assert (one["style"]["draw"], one["style"]["width"], one["style"]["dash"], one["style"]["stack"]) == (
        "line",
        1,
        None,
        "",
    )
    assert one["color"] != other["color"]


def test_series_without_bounds_are_cut() -> None:
    found, errors = series([line(1.0)] * (MAX_SERIES + 7), VIEW, "dark")
    assert len(found) == MAX_SERIES
    assert errors == [f"7 more series are left out: only the first {MAX_SERIES} are shown. Choose fewer."]


def test_a_stat_is_reduced_and_mapped() -> None:
    options = {"reduceOptions": {"calcs": ["lastNotNull"]}, "graphMode": "area"}
    (found,) = values([line(0.0, 1.0, None, mappings=STATES, unit="none")], options, VIEW, "dark")
    assert (found["name"], found["value"], found["text"], found["color"]) == ("a", 1.0, "up", "#73BF69")
    assert found["spark"] == [[0, 0.0], [1000, 1.0], [2000, None]]


def test_several_calculations_are_named() -> None:
    found = values([line(1.0, 3.0)], {"reduceOptions": {"calcs": ["min", "max"]}}, VIEW, "dark")
    assert [(each["name"], each["value"], each["spark"]) for each in found] == [("a Min", 1.0, []), ("a Max", 3.0, [])]


def test_no_value_is_said_in_the_panels_words() -> None:
    (found,) = values([line(None, noValue="nothing yet")], {}, VIEW, "dark")
    assert (found["value"], found["text"]) == (None, "nothing yet")


def test_all_rows_are_values_where_the_panel_wants_them() -> None:
    frame = Frame("A", [Field("name", "string", ["x", "y", "z"]), Field("n", "number", [1.0, 2.0, 3.0])])
    found = values([frame], {"reduceOptions": {"values": True, "limit": 2}}, VIEW, "dark")
    assert [(each["name"], each["value"]) for each in found] == [("x", 1.0), ("y", 2.0)]


@pytest.mark.parametrize(("fields", "shown"), [("", ["n"]), ("/^na/", ["name"]), ("n", ["n"]), ("/.*/", ["name", "n"])])
def test_fields_are_chosen(fields: str, shown: list[str]) -> None:
    frame = Frame("A", [Field("name", "string", ["x"]), Field("n", "number", [1.0])])
    assert [each["name"] for each in values([frame], {"reduceOptions": {"fields": fields}}, VIEW, "dark")] == shown


def test_thresholds_colour_a_value() -> None:
    steps = {"mode": "percentage", "steps": [{"color": "green", "value": None}, {"color": "red", "value": 50}]}
    config: dict[str, Any] = {"color": {"mode": "thresholds"}, "thresholds": steps, "min": 0, "max": 10}
    (found,) = values([line(6.0, **config)], {}, VIEW, "dark")
    assert found["color"] == "#F2495C"
    assert [step["value"] for step in found["thresholds"]] == [None, 5]


def test_a_table_has_columns_and_cells() -> None:
    frame = Frame(
        "A",
        [
            Field("Trace ID", "string", ["t1"], config={"links": [{"title": "Trace", "url": "/trace/${__value.raw}"}]}),
            Field("Start", "time", [5]),
            Field("State", "number", [1.0], config={"mappings": STATES, "custom": {"align": "center", "width": 80}}),
            Field("Hidden", "number", [1.0], config={"custom": {"hidden": True}}),
        ],
    )
    found, errors = table([frame], {}, VIEW, "dark")
    assert [(each["name"], each["kind"], each["align"], each["width"]) for each in found["columns"]] == [
        ("Trace ID", "text", "left", None),
        ("Start", "time", "left", None),
        ("State", "number", "center", 80),
    ]
    (cells,) = found["rows"]
    assert cells[0]["links"] == [{"title": "Trace", "url": "/trace/t1", "new_tab": False}]
    assert (cells[2]["text"], cells[2]["color"]) == ("up", "#73BF69")
    assert errors == []


def test_a_table_is_sorted_cut_and_chosen() -> None:
    many = Frame("A", [Field("n", "number", [None, *map(float, range(MAX_ROWS + 4))])])
    found, errors = table([many, line(1.0)], {"sortBy": [{"displayName": "n", "desc": True}]}, VIEW, "dark")
    assert found["rows"][0][0]["value"] == MAX_ROWS + 3
    assert len(found["rows"]) == MAX_ROWS
    assert [error.split(" ")[0] for error in errors] == ["5", "2"]
    chosen, _ = table([many, line(1.0)], {"frameIndex": 1}, VIEW, "dark")
    assert [column["name"] for column in chosen["columns"]] == ["Time", "a"]


def test_nothing_is_a_table_without_rows() -> None:
    assert table([], {}, VIEW, "dark") == ({"columns": [], "rows": []}, [])


def test_states_last_until_they_change() -> None:
    (found,) = states([line(1.0, 1.0, 0.0, None, 0.0, mappings=STATES)], {}, "dark", 1000)
    assert [(span["from"], span["to"], span["text"]) for span in found["spans"]] == [
        (0, 2000, "up"),
        (2000, 3000, "down"),
        (4000, 5000, "down"),
    ]
    (apart,) = states([line(1.0, 1.0)], {"mergeValues": False}, "dark", 1000)
    assert len(apart["spans"]) == 2


def test_a_heat_map_counts_between_bounds() -> None:
    found = heatmap([line(4.0, 9.0, name="+Inf"), line(1.0, 2.0, name="0.5"), line(3.0, None, name="1")], {})
    assert [row["text"] for row in found["y"]] == ["0.5", "1", "+Inf"]
    assert (found["y"][1]["min"], found["y"][1]["max"], found["y"][2]["max"]) == (0.5, 1.0, None)
    assert found["cells"] == [[1.0, 2.0], [2.0, None], [1.0, None]]
    assert found["x"] == [0, 1000]


def test_a_heat_map_of_other_series_has_a_row_each() -> None:
    frame = line(1.0)
    frame.fields[1].labels.clear()
    assert heatmap([frame], {})["cells"] == [[1.0]]
    assert heatmap([], {})["cells"] == []
    with pytest.raises(ValueError, match="counts values itself"):
        heatmap([frame], {"calculate": True})
