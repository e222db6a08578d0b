"""Dashboards are what their code makes, can be read, and name only what exists."""

import json
import re
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from boards import FOLDER, PanelQuery, boards, panel_queries, panels
from datasources import SOURCES
from grafana.boards.__main__ import BOARDS
from grafana.boards.debugging import LEVELS
from grafana.boards.panels import SERVICES
from grammars import first_errors
from watch import ROOT, numbers, selectors, thresholds

PANELS = [(board, panel) for board in boards().values() for panel in panels(board)]
THRESHOLDS = {(rule.record, rule.severity) for rule in thresholds()}
DOCS = "https://github.com/ai-monitoring/ai-monitoring/blob/main/"
MAY_BE_EMPTY = (
    *("container_", 'slo=\\"budget\\"', "prompt_attacks", "gpu:", "deployment:"),
    *(f"finops:{name}" for name in ("budget", "roi", "business_value", "reconciliation")),
)
COLUMNS = 24
NARROWEST = 6
"""Columns: some 300 pixels of 1280."""
each_board = pytest.mark.parametrize("board", boards().values(), ids=lambda board: board["uid"])
each_panel = pytest.mark.parametrize(
    ("board", "panel"), PANELS, ids=[f"{board['uid']}-{panel['id']}" for board, panel in PANELS]
)
each_promql = pytest.mark.parametrize("query", panel_queries("prometheus"), ids=lambda query: query.label)


def test_files_are_what_the_code_makes() -> None:
    made = {ROOT / board.file: board.render() for board in BOARDS}
    assert made == {file: file.read_text(encoding="utf-8") for file in FOLDER.rglob("*.json")}, "run `make docs`"


@each_board
def test_a_board_says_that_it_is_made_and_by_what(board: dict[str, Any]) -> None:
    (source,) = re.findall(r"Made by (\S+\.py)", board["description"])
    assert (ROOT / source).exists()
    assert "generated" in board["tags"]
    assert board["editable"] is False


def test_uids_and_titles_are_unique_and_name_the_files() -> None:
    assert {file.stem for file in boards()} == {board["uid"] for board in boards().values()}
    assert len({board["title"] for board in boards().values()}) == len(boards())


@each_board
def test_ids_are_unique(board: dict[str, Any]) -> None:
    ids = [panel["id"] for panel in board["panels"]]
    assert len(ids) == len(set(ids))


@each_board
def test_panels_fill_the_grid_without_overlap(board: dict[str, Any]) -> None:
    cells = [_cells(panel["gridPos"]) for panel in board["panels"]]
    assert not [pair for pair in combinations(cells, 2) if pair[0] & pair[1]]
    assert set.union(*cells) == {
        (x, y) for x in range(COLUMNS) for y in range(max(y for _, y in set.union(*cells)) + 1)
    }


def _cells(place: dict[str, int]) -> set[tuple[int, int]]:
    return {(place["x"] + column, place["y"] + line) for column in range(place["w"]) for line in range(place["h"])}


@each_panel
def test_a_panel_says_what_it_shows(board: dict[str, Any], panel: dict[str, Any]) -> None:
    assert panel["title"]
    assert panel["description"].endswith(".")
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert panel["gridPos"]["w"] >= NARROWEST
    assert panel["targets"]


@each_panel
def test_data_sources_exist(board: dict[str, Any], panel: dict[str, Any]) -> None:
    assert panel["datasource"]["uid"] in SOURCES
    assert {target["datasource"]["uid"] for target in panel["targets"]} == {panel["datasource"]["uid"]}


@each_board
def test_variables_exist_and_are_used(board: dict[str, Any]) -> None:
    declared = {variable["name"] for variable in board["templating"]["list"]}
    used = set(re.findall(r"\$\{?([a-z]\w*)", json.dumps(board["panels"])))
    assert used == declared
    assert {v["datasource"]["uid"] for v in board["templating"]["list"] if "datasource" in v} <= SOURCES.keys()


@each_board
def test_deployments_are_marked_where_services_are_chosen(board: dict[str, Any]) -> None:
    marks = [mark["expr"] for mark in board["annotations"].get("list", [])]
    chosen = any(variable["name"] == "service" for variable in board["templating"]["list"])
    assert marks == (['deployment:timestamp_seconds{service=~"$service|all"} * 1000'] if chosen else [])


@each_board
def test_links_lead_somewhere(board: dict[str, Any]) -> None:
    uids = {each["uid"] for each in boards().values()}
    neighbours = {link["url"].removeprefix("/d/") for link in board["links"]}
    assert neighbours == uids - {board["uid"]}
    for url in _urls(board["panels"]):
        page, _, query = url.partition("?")
        if page.startswith("/d/"):
            assert page.removeprefix("/d/") in uids
            assert set(re.findall(r"var-(\w+)=", query)) <= _variables(page.removeprefix("/d/"))
        elif url.startswith(DOCS):
            assert (ROOT / url.removeprefix(DOCS)).exists(), url
        else:
            assert url == "/alerting/groups?alertmanager=Alertmanager"


@each_board
def test_links_stand_where_they_are_seen(board: dict[str, Any]) -> None:
    assert "inControlsMenu" not in json.dumps(board)


def _urls(value: Any) -> list[str]:
    return re.findall(r'"url": "([^"]+)"', json.dumps(value))


def _variables(uid: str) -> set[str]:
    (board,) = (board for board in boards().values() if board["uid"] == uid)
    return {variable["name"] for variable in board["templating"]["list"]}


@each_promql
def test_a_threshold_is_drawn_live(query: PanelQuery) -> None:
    drawn = {(name, labels.get("severity", "")) for name, labels in selectors(query.runnable) if "threshold:" in name}
    assert drawn <= THRESHOLDS
    # Units are converted; nothing else is a number.
    known = {0, 1, 60, 1000, 3600, 86400, 0.5, 0.95, 0.99}
    assert set(numbers(query.runnable)) <= known


@each_panel
def test_a_line_of_a_threshold_is_told_by_its_dashes_and_name(board: dict[str, Any], panel: dict[str, Any]) -> None:
    dashed = {
        override["matcher"]["options"]
        for override in panel["fieldConfig"]["overrides"]
        if any(each["id"] == "custom.lineStyle" for each in override["properties"])
    }
    drawn = {target["refId"] for target in panel["targets"] if target.get("expr", "").startswith("threshold:")}
    assert drawn == dashed
    for target in panel["targets"]:
        if target["refId"] in drawn:
            assert target["legendFormat"] == f"{target['refId']} threshold"


@each_panel
def test_a_service_and_a_level_have_one_colour_wherever_a_legend_names_them(
    board: dict[str, Any], panel: dict[str, Any]
) -> None:
    fixed = {
        override["matcher"]["options"]: each["value"]["fixedColor"]
        for override in panel["fieldConfig"]["overrides"]
        if override["matcher"]["id"] == "byName"
        for each in override["properties"]
    }
    legends = {target.get("legendFormat") for target in panel["targets"]} if panel["type"] == "timeseries" else set()
    wanted = SERVICES if legends & {"{{service}}", "{{service_name}}"} else {}
    assert fixed == (LEVELS if "{{detected_level}}" in legends else wanted)


@each_panel
def test_a_panel_that_may_be_empty_says_why(board: dict[str, Any], panel: dict[str, Any]) -> None:
    """Containers are watched under Docker alone; of money, bills, GPUs, deployments not every installation tells."""
    told = panel["fieldConfig"]["defaults"].get("noValue", "")
    asked = json.dumps(panel["targets"])
    assert (board["uid"] == "compliance" or any(name in asked for name in MAY_BE_EMPTY)) == bool(told)
    assert all((ROOT / file).exists() for file in re.findall(r"docs/\S+\.md", told))


@each_panel
def test_no_panel_has_a_threshold_of_its_own(board: dict[str, Any], panel: dict[str, Any]) -> None:
    steps = panel["fieldConfig"]["defaults"].get("thresholds", {}).get("steps", [])
    assert {step["value"] for step in steps} <= {None, 1}, "1 is the whole of a live threshold"


def test_logql_and_traceql_keep_to_their_grammars() -> None:
    queries = [*panel_queries("loki"), *panel_queries("tempo")]
    languages = {"loki": "logql", "tempo": "traceql"}
    assert queries
    errors = first_errors([(languages[query.datasource], query.runnable) for query in queries])
    broken = {query.label: error for query, error in zip(queries, errors, strict=True) if error is not None}
    assert broken == {}


def test_the_grammars_find_what_is_broken() -> None:
    assert first_errors([("logql", '{a="b"} | c='), ("traceql", "{ status = }"), ("logql", '{a="b"}')]) == [
        12,
        11,
        None,
    ]


def test_home_is_a_board() -> None:
    ini = (ROOT / "grafana" / "grafana.ini").read_text(encoding="utf-8")
    (home,) = re.findall(r"^default_home_dashboard_path = /etc/grafana/dashboards/(.+)$", ini, re.MULTILINE)
    assert FOLDER / Path(home) in boards()
