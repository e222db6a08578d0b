"""What the boards have in common: their frame, their variables, and the file that each is written to."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grafana.boards.links import TITLES, neighbours
from grafana.boards.panels import Panel
from grafana.boards.queries import DEPLOYMENTS, LOKI, PROMETHEUS
from grafana_foundation_sdk.builders.dashboard import (
    AnnotationQuery,
    CustomVariable,
    Dashboard,
    IntervalVariable,
    QueryVariable,
    Row,
    TextBoxVariable,
)
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import AnnotationQuery as BuiltAnnotation
from grafana_foundation_sdk.models.dashboard import (
    DashboardLink,
    GridPos,
    VariableOption,
    VariableRefresh,
    VariableSort,
)

FOLDER = Path("grafana/dashboards")
ALL = VariableOption(True, "All", "$__all")
Variable = QueryVariable | IntervalVariable | CustomVariable | TextBoxVariable


class _Encoder(JSONEncoder):
    """The SDK would put links and annotations into a menu, where nobody looks for it."""

    def default(self, obj: Any) -> Any:
        found = super().default(obj)
        if isinstance(obj, DashboardLink | BuiltAnnotation):
            del found["placement"]
        return found


@dataclass(frozen=True)
class Board:
    """A dashboard in Grafana's folder `folder`, written by the module `source`."""

    uid: str
    folder: str
    source: str
    description: str
    variables: Sequence[Variable]
    panels: Sequence[Panel | Row]

    @property
    def file(self) -> Path:
        return FOLDER / self.folder / f"{self.uid}.json"

    def render(self) -> str:
        """The file's text: sorted, so that a change of one panel is a change of its lines alone."""
        return json.dumps(self._dashboard().build(), cls=_Encoder, indent=2, sort_keys=True, ensure_ascii=False) + "\n"

    def _dashboard(self) -> Dashboard:
        made = f"Made by grafana/boards/{self.source}.py: edit that file and run `make docs`, not this one."
        board = Dashboard(TITLES[self.uid]).uid(self.uid).description(f"{self.description}\n\n{made}")
        board.tags(["ai-monitoring", "generated"]).readonly().time("now-1h", "now").refresh("30s")
        board.links(list(neighbours(self.uid)))
        for variable in self.variables:
            board.with_variable(variable)
        if any(variable.build().name == "service" for variable in self.variables):
            board.annotation(_deployments())
        for panel in self.panels:
            if isinstance(panel, Row):
                board.with_row(panel)
            else:
                board.with_panel(panel)
        return board


def _deployments() -> AnnotationQuery:
    """A line through every chart where a chosen service was deployed; the series' value is its time."""
    annotation = AnnotationQuery().name("Deployments").datasource(PROMETHEUS).enable(True).icon_color("purple")
    annotation.expr(DEPLOYMENTS.format(services="$service|all")).use_value_for_time(True)
    return annotation.title_format("{{service}} {{version}}").text_format("{{status}}").tag_keys("service,status")


def values_of(label: str, series: str, title: str = "") -> QueryVariable:
    """The values of a label of a Prometheus series; all at first. `title` is shown where the label says little."""
    query = f"label_values({series}, {label})"
    return _several(QueryVariable(label).datasource(PROMETHEUS).query(query), title or label)


def values_in_logs(label: str, name: str) -> QueryVariable:
    """The values of a label of Loki's streams; all at first."""
    query: dict[str, object] = {"label": label, "refId": "values", "stream": "", "type": 1}
    return _several(QueryVariable(name).datasource(LOKI).query(query), name)


def choice(name: str, label: str, *values: str) -> CustomVariable:
    """Some of these values; all at first."""
    variable = CustomVariable(name).label(label).values(",".join(values)).multi(True)
    return variable.include_all(True).all_value(".*").current(ALL)


def intervals(*values: str, current: str) -> IntervalVariable:
    """The window of rates, or the width of a bar."""
    variable = IntervalVariable("interval").label("Interval").values(",".join(values))
    return variable.current(VariableOption(True, current, current))


def text(name: str, label: str) -> TextBoxVariable:
    """Whatever a user types; nothing at first."""
    return TextBoxVariable(name).label(label).default_value("")


def row(id: int, title: str, y: int) -> Row:  # noqa: A002 - Grafana's own name
    """A heading across the board."""
    return Row(title).id(id).grid_pos(GridPos(1, 24, 0, y))


def _several(variable: QueryVariable, title: str) -> QueryVariable:
    # Loki refuses a selector that matches everything, hence the plus.
    variable.label(title.capitalize()).multi(True).include_all(True).all_value(".+").current(ALL)
    return variable.refresh(VariableRefresh.ON_TIME_RANGE_CHANGED).sort(VariableSort.ALPHABETICAL_ASC)
