"""The kinds of panel that the boards are made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Protocol, Self, TypeVar

from grafana.boards.queries import LOKI, PROMETHEUS, TEMPO, Query, threshold
from grafana_foundation_sdk.builders import common, gauge, logs, stat, table, timeseries
from grafana_foundation_sdk.builders.bargauge import Panel as BarGauge
from grafana_foundation_sdk.builders.dashboard import DashboardLink, FieldColor, ThresholdsConfig
from grafana_foundation_sdk.builders.loki import Dataquery as LogQL
from grafana_foundation_sdk.builders.prometheus import Dataquery as PromQL
from grafana_foundation_sdk.builders.tempo import Dataquery as TraceQL
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models.common import (
    BigValueColorMode,
    BigValueGraphMode,
    BigValueTextMode,
    GraphDrawStyle,
    LegendDisplayMode,
    LegendPlacement,
    LogsSortOrder,
    StackingMode,
    TooltipDisplayMode,
    VizOrientation,
)
from grafana_foundation_sdk.models.dashboard import DashboardLink as BuiltLink
from grafana_foundation_sdk.models.dashboard import (
    DataSourceRef,
    DataTransformerConfig,
    DynamicConfigValue,
    FieldColorModeId,
    GridPos,
    Threshold,
    ThresholdsMode,
    ValueMap,
    ValueMappingResult,
)
from grafana_foundation_sdk.models.dashboard import Panel as Built

COLOURS = {"warning": "orange", "critical": "red"}
SERVICES = {"django": "green", "fastapi": "blue", "streamlit": "purple"}
"""Colours of the services, the same wherever a legend names them."""
Panel = Builder[Built]


@dataclass(frozen=True)
class Frame:
    """What every panel has. `place` is x, y, width and height on a grid of 24 columns; an id is never used again."""

    id: int
    title: str
    description: str
    place: tuple[int, int, int, int]
    links: Sequence[DashboardLink] = ()


class _Builder(Protocol):
    def id(self, id_val: int) -> Self: ...
    def title(self, title: str) -> Self: ...
    def description(self, description: str) -> Self: ...
    def datasource(self, datasource: DataSourceRef) -> Self: ...
    def grid_pos(self, grid_pos: GridPos) -> Self: ...
    def links(self, links: list[Builder[BuiltLink]]) -> Self: ...
    def with_target(self, target: Builder[Dataquery]) -> Self: ...


B = TypeVar("B", bound=_Builder)


def chart(
    frame: Frame,
    unit: str,
    *queries: Query,
    limits: str = "",
    severities: Sequence[str] = ("warning", "critical"),
    stacked: bool = False,
    interval: str = "",
    data_links: Sequence[DashboardLink] = (),
    colours: Mapping[str, str] | None = None,
    no_value: str = "",
) -> Panel:
    """Lines over time, or bars where they are `stacked`. `limits` names a threshold, drawn as a dashed line each.

    `colours` are those of series by their names, `no_value` says why there may be none.
    """
    panel = _framed(timeseries.Panel(), frame, queries).unit(unit).min(0).span_nulls(False)
    panel.legend(_legend()).tooltip(common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI))
    panel.data_links(list(data_links)).color_scheme(_by_name())
    for name, colour in (colours or {}).items():
        panel.override_by_name(name, [_fixed(colour)])
    if interval:
        panel.interval(interval)
    if no_value:
        panel.no_value(no_value)
    if stacked:
        panel.draw_style(GraphDrawStyle.BARS).fill_opacity(60)
        panel.stacking(common.StackingConfig().mode(StackingMode.NORMAL))
    for severity in severities if limits else ():
        panel.with_target(threshold(limits, severity))
        panel.override_by_query(severity, _dashed(COLOURS[severity]))
    return panel


def number(frame: Frame, unit: str, *queries: Query, time_from: str = "", no_value: str = "") -> Panel:
    """Numbers now, each with its name, without a judgement. `time_from` is a time range of its own, such as `now/d`."""
    panel = _framed(stat.Panel(), frame, queries).unit(unit).color_scheme(_plain())
    panel.color_mode(BigValueColorMode.NONE).graph_mode(BigValueGraphMode.NONE)
    panel.text_mode(BigValueTextMode.VALUE_AND_NAME).reduce_options(_last())
    if time_from:
        panel.time_from(time_from)
    if no_value:
        panel.no_value(no_value)
    return panel


def state(frame: Frame, words: dict[str, tuple[str, str]], *queries: Query) -> Panel:
    """A word for each series, in a colour: `words` by the value that they stand for."""
    panel = _framed(stat.Panel(), frame, queries).unit("none").color_scheme(_plain())
    mapping = {
        key: ValueMappingResult(text, colour, index=at) for at, (key, (text, colour)) in enumerate(words.items())
    }
    panel.mappings([ValueMap(mapping)]).color_mode(BigValueColorMode.BACKGROUND)
    panel.graph_mode(BigValueGraphMode.NONE).text_mode(BigValueTextMode.VALUE_AND_NAME)
    return panel.reduce_options(_last())


def share_of_limit(frame: Frame, *queries: Query) -> Panel:
    """Gauges of values divided by their thresholds: full at 100 %."""
    panel = _framed(gauge.Panel(), frame, queries).unit("percentunit").min(0).max(1.5).decimals(0)
    steps = [Threshold(None, "green"), Threshold(1, "red")]
    panel.thresholds(ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps))
    return panel.show_threshold_labels(True).reduce_options(_last())


def ranking(frame: Frame, unit: str, *queries: Query, no_value: str = "") -> Panel:
    """Horizontal bars, the longest first."""
    panel = _framed(BarGauge(), frame, queries).unit(unit).min(0).orientation(VizOrientation.HORIZONTAL)
    if no_value:
        panel.no_value(no_value)
    return panel.color_scheme(_plain()).reduce_options(_last())


def listing(frame: Frame, *queries: Query, columns: dict[str, str], no_value: str = "", unit: str = "none") -> Panel:
    """A table of the labels and of `columns`, under the names that these stand for; one row for what queries share."""
    panel = _framed(table.Panel(), frame, queries).unit(unit)
    if no_value:
        panel.no_value(no_value)
    panel.with_transformation(DataTransformerConfig("merge", options={}))
    panel.with_transformation(DataTransformerConfig("organize", options=_organized(columns)))
    return panel


def found_traces(frame: Frame, query: TraceQL) -> Panel:
    """A table of traces; a row's id opens its trace."""
    return _framed(table.Panel(), frame, [query]).unit("none")


def lines(frame: Frame, query: LogQL) -> Panel:
    """Log lines, the newest first; a line opens to its fields and its trace."""
    panel = _framed(logs.Panel(), frame, [query]).unit("none").show_time(True).wrap_log_message(True)
    return panel.enable_log_details(True).sort_order(LogsSortOrder.DESCENDING)


def _framed(panel: B, frame: Frame, queries: Sequence[Query]) -> B:
    x, y, width, height = frame.place
    panel.id(frame.id).title(frame.title).description(frame.description).datasource(_source(queries[0]))
    panel.grid_pos(GridPos(height, width, x, y)).links(list(frame.links))
    for letter, query in zip(ascii_uppercase, queries, strict=False):
        panel.with_target(query.ref_id(letter))
    return panel


def _source(query: Query) -> DataSourceRef:
    if isinstance(query, PromQL):
        return PROMETHEUS
    return LOKI if isinstance(query, LogQL) else TEMPO


def _organized(columns: dict[str, str]) -> dict[str, object]:
    """Grafana's names for a table's time and for the value of its only query are `Time` and `Value`."""
    hidden = {name: True for name in ("Time", "Value", "__name__", "instance", "job") if name not in columns}
    order = {name: at for at, name in enumerate(columns)}
    return {"excludeByName": hidden, "indexByName": order, "renameByName": columns}


def _legend() -> common.VizLegendOptions:
    legend = common.VizLegendOptions().show_legend(True).placement(LegendPlacement.BOTTOM)
    return legend.display_mode(LegendDisplayMode.LIST)


def _dashed(colour: str) -> list[DynamicConfigValue]:
    """Told from the data by its dashes and its name as well."""
    return [
        DynamicConfigValue("custom.lineStyle", {"fill": "dash", "dash": [10, 10]}),
        DynamicConfigValue("custom.drawStyle", "line"),
        DynamicConfigValue("custom.fillOpacity", 0),
        DynamicConfigValue("custom.stacking", {"mode": "none", "group": "thresholds"}),
        _fixed(colour),
    ]


def _fixed(colour: str) -> DynamicConfigValue:
    return DynamicConfigValue("color", {"mode": "fixed", "fixedColor": colour})


def _by_name() -> FieldColor:
    """One colour for one name, on every board."""
    return FieldColor().mode(FieldColorModeId.PALETTE_CLASSIC_BY_NAME)


def _plain() -> FieldColor:
    return FieldColor().mode(FieldColorModeId.FIXED).fixed_color("text")


def _last() -> common.ReduceDataOptions:
    return common.ReduceDataOptions().calcs(["lastNotNull"])
