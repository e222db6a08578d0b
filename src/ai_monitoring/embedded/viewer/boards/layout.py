"""The panels of a board as they are laid out: rows, the panels inside them, panels repeated for a variable's values."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ai_monitoring.embedded.viewer.boards.files import Board
from ai_monitoring.embedded.viewer.boards.formats import Value
from ai_monitoring.embedded.viewer.boards.view import View

COLUMNS = 24
MOST_REPEATS = 50
_REPEATED = 1_000_000
"""Ids of repeated panels start here: the panel's own, times a hundred, and the repeat's number."""
Panel = dict[str, Any]


def panels(board: Board, view: View) -> Iterator[tuple[int, Panel, View]]:
    """Each panel with its id and with the view that it is shown in."""
    for at, panel in enumerate(board.panels):
        own = _id(panel, at)
        if panel.get("repeat") and panel.get("type") != "row":
            yield from _repeats(own, panel, view)
        else:
            yield own, panel, view


def panel_of(board: Board, number: int, view: View) -> tuple[Panel, View] | None:
    """The panel of that id, a row excepted."""
    for found, panel, own in panels(board, view):
        if found == number and panel.get("type") != "row":
            return panel, own
    return None


def _id(panel: Panel, at: int) -> int:
    found = panel.get("id")
    return found if isinstance(found, int) else 500_000 + at


def _repeats(number: int, panel: Panel, view: View) -> Iterator[tuple[int, Panel, View]]:
    value = view.chosen.get(str(panel["repeat"]))
    if value is None or value.verbatim or not value.values:
        yield number, panel, view
        return
    for at, each in enumerate(value.values[:MOST_REPEATS]):
        one = Value((each,), (), value.name, several=value.several)
        own = replace(view, chosen={**view.chosen, value.name: one})
        found = number if at == 0 else _REPEATED + number * 100 + at
        yield found, {**panel, "gridPos": _place(panel, at, min(len(value.values), MOST_REPEATS))}, own


def _place(panel: Panel, at: int, count: int) -> dict[str, int]:
    """Beside each other, `maxPerRow` at most, or below each other."""
    grid = grid_of(panel)
    if panel.get("repeatDirection") == "v":
        return {**grid, "y": grid["y"] + at * grid["h"]}
    across = max(min(int(panel.get("maxPerRow") or 4), count), 1)
    width = COLUMNS // across
    return {"x": at % across * width, "y": grid["y"] + at // across * grid["h"], "w": width, "h": grid["h"]}


def grid_of(panel: Panel) -> dict[str, int]:
    """Place and size in columns of 24 and rows of Grafana's height."""
    found = panel.get("gridPos") or {}
    start = {"x": 0, "y": 0, "w": 12, "h": 8}
    return {key: value if isinstance(value := found.get(key), int) else start[key] for key in start}
