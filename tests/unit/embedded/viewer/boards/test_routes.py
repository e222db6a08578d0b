"""The JSON that a browser gets."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from board_sources import StandIn, matrix, sources_at, vector
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.testclient import TestClient

from ai_monitoring.embedded.viewer.boards.files import Boards
from ai_monitoring.embedded.viewer.boards.routes import routes
from ai_monitoring.embedded.viewer.sources import Client

HOUR = "from=1800000000000&to=1800003600000"
PROMETHEUS = {"uid": "prometheus", "type": "prometheus"}
RANGE, INSTANT = "/api/v1/query_range", "/api/v1/query"
UP = vector(({"service": "a"}, "1"), ({"service": "b"}, "0"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def browser(folder: Path, source: StandIn) -> Iterator[TestClient]:
    client = Client(sources_at(source.address), seconds=5)
    with TestClient(Starlette(routes=routes(Boards(folder), client))) as browser:
        yield browser
        assert browser.portal is not None
        browser.portal.call(client.aclose)


def board(folder: Path, *panels: dict[str, Any], **content: Any) -> None:
    named = [{"id": at + 1, "title": f"Panel {at + 1}", **panel} for at, panel in enumerate(panels)]
    (folder / "x.json").write_text(json.dumps({"uid": "x", "title": "X", "panels": named, **content}), encoding="utf-8")


def target(expr: str = "up", **more: Any) -> dict[str, Any]:
    return {"refId": "A", "datasource": PROMETHEUS, "expr": expr, **more}


def data(browser: TestClient, panel: int = 1, query: str = "") -> Any:
    answer = browser.get(f"/api/boards/x/panels/{panel}?{HOUR}&{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_boards_are_listed_with_the_broken_ones(browser: TestClient, folder: Path) -> None:
    board(folder, description="About X")
    (folder / "y.json").write_text("{", encoding="utf-8")
    good, bad = browser.get("/api/boards").json()
    assert good == {
        "uid": "x",
        "title": "X",
        "folder": "General",
        "description": "About X",
        "url": "/d/x",
        "error": "",
    }
    assert (bad["title"], bad["url"]) == ("y.json", "")
    assert "JSON" in bad["error"]


def test_a_board_has_its_frame(browser: TestClient, folder: Path) -> None:
    variable = {"name": "v", "type": "custom", "query": "a,b", "multi": True, "current": {"value": ["a"]}}
    text = {"type": "text", "options": {"mode": "markdown", "content": "# $v <script>x</script> ![p](http://x/y.png)"}}
    link = {"type": "link", "title": "Y", "url": "/d/y", "keepTime": True, "includeVars": True}
    row = {"type": "row", "title": "Row", "collapsed": True, "panels": [{"id": 9, "type": "stat", "title": "Of $v"}]}
    board(folder, text, row, {"type": "news"}, templating={"list": [variable]}, links=[link], refresh="15s")
    found = browser.get("/api/boards/x?from=now-2h&to=now&var-v=b").json()
    assert found["to"] - found["from"] == 7_200_000
    assert (found["time"], found["refresh"], found["refresh_intervals"][-1]) == (
        {"from": "now-6h", "to": "now"},
        "15s",
        "15s",
    )
    assert found["links"] == [{"title": "Y", "url": "/d/y?from=now-2h&to=now&var-v=b", "new_tab": False}]
    assert [(each["id"], each["kind"], each["supported"]) for each in found["panels"]] == [
        (1, "text", True),
        (2, "row", True),
        (9, "stat", True),
        (3, "news", False),
    ]
    assert found["panels"][0]["html"].startswith("<h1>b &lt;script&gt;")
    assert "<img" not in found["panels"][0]["html"]
    assert found["panels"][1]["collapsed"] is True
    assert found["panels"][2]["title"] == "Of b"
    assert found["variables"][0]["values"] == ["b"]


def test_a_chart_has_its_series(browser: TestClient, folder: Path, source: StandIn) -> None:
    source.answers[RANGE] = matrix(({"service": "a"}, [(1_800_000_000, "1"), (1_800_000_015, "2")]))
    defaults = {"unit": "reqps", "color": {"mode": "fixed", "fixedColor": "blue"}}
    board(folder, {"type": "timeseries", "targets": [target()], "fieldConfig": {"defaults": defaults}})
    found = data(browser, query="width=600&theme=light")
    assert (found["kind"], found["step"], found["errors"], found["empty"]) == ("timeseries", 15_000, [], "")
    (series,) = found["series"]
    assert (series["name"], series["unit"], series["color"]) == ('{service="a"}', "reqps", "#3274D9")
    assert series["points"][:2] == [[1_800_000_000_000, 1.0], [1_800_000_015_000, 2.0]]


DEPLOYED: dict[str, Any] = {
    "datasource": PROMETHEUS,
    "enable": True,
    "expr": 'deployment:timestamp_seconds{service=~"$service|all"} * 1000',
    "name": "Deployments",
    "titleFormat": "{{service}} {{version}}",
    "textFormat": "{{status}}",
    "useValueForTime": True,
}
OF_SERVICES = {
    "list": [{"name": "service", "type": "custom", "query": "a,b", "multi": True, "current": {"value": ["a", "b"]}}]
}


def test_deployments_within_the_range_are_marked(browser: TestClient, folder: Path, source: StandIn) -> None:
    labels = {"service": "a", "status": "failed"}
    source.answers[INSTANT] = vector(
        ({**labels, "version": "3"}, "1800003600001"),
        ({**labels, "version": "2"}, "1.8000036e12"),
        ({**labels, "version": "1"}, "1800000000000"),
        ({**labels, "version": "0"}, "1799999999999"),
    )
    other = {**DEPLOYED, "datasource": {"uid": "-- Grafana --", "type": "grafana"}}
    board(folder, annotations={"list": [DEPLOYED, other, {**DEPLOYED, "enable": False}]}, templating=OF_SERVICES)
    found = browser.get(f"/api/boards/x/marks?{HOUR}").json()
    assert found["marks"] == [
        {"time": 1_800_000_000_000, "title": "a 1", "text": "failed"},
        {"time": 1_800_003_600_000, "title": "a 2", "text": "failed"},
    ]
    (asked,) = source.queries(INSTANT)
    assert asked["query"] == 'deployment:timestamp_seconds{service=~"(a|b)|all"} * 1000'


@pytest.mark.parametrize("answer", [JSONResponse({"error": "bad_data"}, 400), {"data": 7}, UP])
def test_a_board_is_shown_without_marks(browser: TestClient, folder: Path, source: StandIn, answer: Any) -> None:
    source.answers[INSTANT] = answer
    board(folder, annotations={"list": [DEPLOYED]}, templating=OF_SERVICES)
    assert browser.get(f"/api/boards/x?{HOUR}").json()["title"] == "X"
    assert browser.get(f"/api/boards/x/marks?{HOUR}").json() == {"marks": []}
    assert browser.get("/api/boards/y/marks").status_code == 404


def test_one_query_that_fails_leaves_the_others(browser: TestClient, folder: Path, source: StandIn) -> None:
    source.answers |= {INSTANT: UP, RANGE: JSONResponse({"error": "bad_data"}, 400)}
    others = [
        {**target(instant=True), "refId": "good"},
        {**target(), "refId": "bad"},
        {"refId": "math", "datasource": {"uid": "__expr__", "type": "__expr__"}},
        {"refId": "alerts", "datasource": {"uid": "alertmanager"}},
        {**target(), "refId": "hidden", "hide": True},
    ]
    board(folder, {"type": "stat", "datasource": {"uid": "-- Mixed --"}, "targets": others})
    found = data(browser)
    assert [value["value"] for value in found["values"]] == [1, 0]
    errors = {error["ref"]: error["text"] for error in found["errors"]}
    assert errors["bad"] == "Prometheus answered 400: bad_data"
    assert "'__expr__' is not answered here" in errors["math"]
    assert "Alertmanager are not answered here" in errors["alerts"]
    assert "hidden" not in errors


def test_a_table_of_several_queries_is_merged(browser: TestClient, folder: Path, source: StandIn) -> None:
    source.answers[INSTANT] = UP
    queries = [{**target(instant=True, format="table"), "refId": ref} for ref in "AB"]
    hidden = {"excludeByName": {"Time": True}, "renameByName": {"Value #A": "Up", "Value #B": "Again"}}
    changes = [{"id": "merge", "options": {}}, {"id": "organize", "options": hidden}]
    board(folder, {"type": "table", "targets": queries, "transformations": changes})
    found = data(browser)["table"]
    assert [column["name"] for column in found["columns"]] == ["service", "Up", "Again"]
    assert [[cell["value"] for cell in row] for row in found["rows"]] == [["a", 1, 1], ["b", 0, 0]]


def test_nothing_is_said_in_a_sentence(browser: TestClient, folder: Path, source: StandIn) -> None:
    source.answers[RANGE] = matrix()
    own = {"type": "timeseries", "targets": [target()], "fieldConfig": {"defaults": {"noValue": "Quiet."}}}
    board(folder, {"type": "timeseries", "targets": [target()]}, own)
    assert [data(browser, panel)["empty"] for panel in (1, 2)] == ["No data in this time range.", "Quiet."]


def test_a_kind_that_is_not_drawn_is_named(browser: TestClient, folder: Path) -> None:
    board(folder, {"type": "geomap", "targets": [target()]}, {"libraryPanel": {"uid": "y"}})
    assert "'library-panel'" in data(browser, 2)["errors"][0]["text"]
    assert data(browser)["errors"] == [
        {"ref": "", "text": "Panels of the kind 'geomap' are not drawn here: open this dashboard in Grafana."}
    ]


def test_a_panel_may_have_its_own_time(browser: TestClient, folder: Path, source: StandIn) -> None:
    source.answers[INSTANT] = UP
    stat = {"type": "stat", "targets": [target("$__range_s", instant=True)]}
    board(
        folder, {**stat, "timeFrom": "now/d"}, {**stat, "timeFrom": "2h"}, {**stat, "timeShift": "1h"}, timezone="utc"
    )
    today, hours, shifted = (data(browser, panel) for panel in (1, 2, 3))
    assert today["from"] % 86_400_000 == 0
    assert hours["to"] - hours["from"] == 7_200_000
    assert shifted["to"] == 1_800_003_600_000 - 3_600_000
    board(folder, {**stat, "timeFrom": "whenever"})
    assert "“now-whenever” is no time" in data(browser)["errors"][0]["text"]


def test_a_panel_is_repeated_for_each_value(browser: TestClient, folder: Path, source: StandIn) -> None:
    source.answers[INSTANT] = UP
    variable = {"name": "v", "type": "custom", "query": "a,b,c", "multi": True, "current": {"value": ["a", "b", "c"]}}
    panel = {
        "type": "stat",
        "title": "Of $v",
        "repeat": "v",
        "maxPerRow": 2,
        "gridPos": {"x": 0, "y": 3, "w": 24, "h": 4},
        "targets": [target('up{service="$v"}', instant=True)],
    }
    board(folder, panel, templating={"list": [variable]})
    found = browser.get("/api/boards/x").json()["panels"]
    assert [each["title"] for each in found] == ["Of a", "Of b", "Of c"]
    assert [(each["grid"]["x"], each["grid"]["y"], each["grid"]["w"]) for each in found] == [
        (0, 3, 12),
        (12, 3, 12),
        (0, 7, 12),
    ]
    data(browser, found[2]["id"])
    assert source.queries(INSTANT)[-1]["query"] == 'up{service="c"}'


def test_the_panels_interval_may_be_a_variable(browser: TestClient, folder: Path, source: StandIn) -> None:
    source.answers[RANGE] = matrix()
    variable = {"name": "interval", "type": "interval", "query": "1m,5m", "current": {"value": "5m"}}
    panel = {"type": "timeseries", "interval": "$interval", "targets": [target()]}
    board(folder, panel, {**panel, "interval": "often"}, templating={"list": [variable]})
    assert data(browser)["step"] == 300_000
    assert data(browser, query="var-interval=1m")["step"] == 60_000
    assert "'often' is no duration" in data(browser, 2)["errors"][0]["text"]


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/api/boards/none", 404, "There is no dashboard 'none'."),
        ("/api/boards/none/panels/1", 404, "There is no dashboard"),
        ("/api/boards/x/panels/77", 404, "X has no panel 77."),
        ("/api/boards/x?from=now&to=now-1h", 400, "not before its end"),
        ("/api/boards/x?from=yesterday", 400, "“yesterday” is no time"),
        ("/api/boards/x?timezone=Mars", 400, "no time zone 'Mars'"),
        ("/api/boards/x/panels/1?width=0", 400, "no width"),
        ("/api/boards/x/panels/1?width=99999999", 400, "no width"),
        ("/api/boards/x/panels/1?width=wide", 400, "no width"),
        ("/api/boards/x/panels/1?theme=pink", 400, "no theme"),
        ("/api/boards/x?" + "&".join(["var-a=b"] * 1001), 400, "1000 are allowed"),
    ],
)
def test_a_bad_request_is_told_why(browser: TestClient, folder: Path, path: str, status: int, said: str) -> None:
    board(folder, {"type": "stat", "targets": [target()]})
    answer = browser.get(path)
    assert answer.status_code == status
    assert said in answer.json()["error"]


@pytest.mark.parametrize(
    "panel",
    [
        {"type": "stat", "targets": [target(instant=True)], "fieldConfig": {"defaults": ["no"]}},
        {"type": "stat", "targets": [target(instant=True)], "options": {"reduceOptions": {"calcs": ["magic"]}}},
        {"type": "stat", "targets": [target(instant=True)], "transformations": [{"id": "organize", "options": 3}]},
    ],
)
def test_a_panel_that_is_not_as_grafana_writes_it_says_so(
    browser: TestClient, folder: Path, source: StandIn, panel: dict[str, Any]
) -> None:
    source.answers[INSTANT] = UP
    board(folder, panel)
    assert data(browser)["errors"]


def test_an_answer_that_is_not_understood_is_named(browser: TestClient, folder: Path, source: StandIn) -> None:
    source.answers[INSTANT] = {"data": {"resultType": "vector", "result": [{"metric": {}, "value": ["x", "y"]}]}}
    board(folder, {"type": "stat", "targets": [target(instant=True)]})
    assert "is not understood" in data(browser)["errors"][0]["text"]


def test_a_malformed_board_is_a_bad_request(browser: TestClient, folder: Path) -> None:
    board(folder, templating={"list": ["no"]})
    answer = browser.get("/api/boards/x")
    assert answer.status_code == 400
    assert "not as Grafana writes it" in answer.json()["error"]
