"""Defaults and overrides."""

from typing import Any

import pytest
from board_sources import view_of

from ai_monitoring.embedded.viewer.boards.fields import configure
from ai_monitoring.embedded.viewer.boards.formats import Value
from ai_monitoring.embedded.viewer.boards.frames import Field, Frame

VIEW = view_of(unit=Value(("ms",)))


def frames() -> list[Frame]:
    return [
        Frame("A", [Field("Time", "time", [1]), Field("Value", "number", [2.0], {"service": "a"}, "a now")]),
        Frame("B", [Field("Name", "string", ["x"]), Field("Duration", "number", [3.0], config={"unit": "ms"})]),
    ]


def configured(**config: Any) -> tuple[dict[str, dict[str, Any]], list[str]]:
    found = frames()
    errors = configure(found, {"fieldConfig": config}, VIEW.lookup)
    return {field.name: field.config for frame in found for field in frame.fields}, errors


def test_defaults_leave_what_the_source_says() -> None:
    found, errors = configured(defaults={"unit": "s", "min": 0})
    assert (found["Value"]["unit"], found["Duration"]["unit"], found["Duration"]["min"]) == ("s", "ms", 0)
    assert errors == []


@pytest.mark.parametrize(
    ("matcher", "names"),
    [
        ({"id": "byName", "options": "a now"}, {"Value"}),
        ({"id": "byName", "options": "Duration"}, {"Duration"}),
        ({"id": "byNames", "options": {"mode": "exclude", "names": ["Time", "Name"]}}, {"Value", "Duration"}),
        ({"id": "byRegexp", "options": "/^DUR/i"}, {"Duration"}),
        ({"id": "byType", "options": "string"}, {"Name"}),
        ({"id": "byFrameRefID", "options": "A"}, {"Time", "Value"}),
    ],
)
def test_overrides_match(matcher: dict[str, Any], names: set[str]) -> None:
    override = {"matcher": matcher, "properties": [{"id": "custom.lineStyle", "value": {"fill": "dash"}}]}
    found, errors = configured(overrides=[override])
    assert {name for name, config in found.items() if config.get("custom") == {"lineStyle": {"fill": "dash"}}} == names
    assert errors == []


@pytest.mark.parametrize(
    ("matcher", "said"),
    [({"id": "byValue", "options": {}}, "'byValue'"), ({"id": "byRegexp", "options": "("}, "'\\('"), ({}, "''")],
)
def test_what_cannot_be_followed_is_named(matcher: dict[str, Any], said: str) -> None:
    found, errors = configured(overrides=[{"matcher": matcher, "properties": [{"id": "unit", "value": "s"}]}])
    assert found["Value"].get("unit") is None
    assert len(errors) == 1
    assert said.replace("\\", "") in errors[0]


def test_overrides_win_in_their_order() -> None:
    everything = {"id": "byRegexp", "options": "/.*/"}
    overrides = [{"matcher": everything, "properties": [{"id": "unit", "value": unit}]} for unit in ("m", "h")]
    found, _ = configured(defaults={"unit": "s"}, overrides=overrides)
    assert {config["unit"] for config in found.values()} == {"h"}


def test_a_name_may_hold_labels_and_variables() -> None:
    name = "${__field.labels.service} of ${__series.name} in $unit, ${__field.labels}"
    override = {"matcher": {"id": "byType", "options": "number"}, "properties": [{"id": "displayName", "value": name}]}
    found, _ = configured(overrides=[override])
    assert found["Value"]["displayName"] == "a of a now in ms, service=a"
