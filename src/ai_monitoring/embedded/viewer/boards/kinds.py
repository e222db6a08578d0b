"""The kinds of panels that are drawn here, and what each is drawn from."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ai_monitoring.embedded.viewer.boards.frames import Answer
from ai_monitoring.embedded.viewer.boards.grids import table
from ai_monitoring.embedded.viewer.boards.heatmap import heatmap
from ai_monitoring.embedded.viewer.boards.lines import lines
from ai_monitoring.embedded.viewer.boards.series import series
from ai_monitoring.embedded.viewer.boards.states import states
from ai_monitoring.embedded.viewer.boards.values import values
from ai_monitoring.embedded.viewer.boards.view import View

Drawn = dict[str, Any]


@dataclass(frozen=True)
class Drawing:
    """What is drawn: a panel's options and its frames, `step` milliseconds apart. Errors are added to the answer."""

    answer: Answer
    options: dict[str, Any]
    view: View
    theme: str
    step: int

    def left_out(self, errors: list[str]) -> None:
        self.answer.errors += [("", error) for error in errors]


def _series(drawing: Drawing) -> Drawn:
    found, errors = series(drawing.answer.frames, drawing.view, drawing.theme)
    drawing.left_out(errors)
    return {"series": found}


def _values(drawing: Drawing) -> Drawn:
    return {"values": values(drawing.answer.frames, drawing.options, drawing.view, drawing.theme)}


def _table(drawing: Drawing) -> Drawn:
    found, errors = table(drawing.answer.frames, drawing.options, drawing.view, drawing.theme)
    drawing.left_out(errors)
    return {"table": found}


def _states(drawing: Drawing) -> Drawn:
    return {"states": states(drawing.answer.frames, drawing.options, drawing.theme, drawing.step)}


def _heatmap(drawing: Drawing) -> Drawn:
    return {"heatmap": heatmap(drawing.answer.frames, drawing.options)}


def _lines(drawing: Drawing) -> Drawn:
    return {"lines": lines(drawing.answer.lines, drawing.options)}


DRAWN: dict[str, Callable[[Drawing], Drawn]] = {
    "timeseries": _series,
    "stat": _values,
    "gauge": _values,
    "bargauge": _values,
    "piechart": _values,
    "table": _table,
    "state-timeline": _states,
    "heatmap": _heatmap,
    "logs": _lines,
}
WITHOUT_DATA = frozenset({"text", "row"})
EMPTY: Drawn = {
    "series": [],
    "exemplars": [],
    "values": [],
    "table": {"columns": [], "rows": []},
    "states": [],
    "heatmap": {"x": [], "y": [], "cells": [], "unit": "", "y_unit": ""},
    "lines": [],
}


def kind_of(panel: dict[str, Any]) -> str:
    """One that is kept in Grafana's library has no kind in the file."""
    return str(panel.get("type") or ("library-panel" if panel.get("libraryPanel") else "?"))


def is_supported(kind: str) -> bool:
    return kind in DRAWN or kind in WITHOUT_DATA


def unsupported(kind: str) -> str:
    return f"Panels of the kind {kind!r} are not drawn here: open this dashboard in Grafana."
