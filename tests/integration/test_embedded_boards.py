"""Every panel of every dashboard as the embedded viewer answers it, its PromQL asked of a real Prometheus.

Prometheus holds made-up samples of the last hours of each series that the dashboards name: no panel may be empty.
Loki's and Tempo's answers are fixed ones.
"""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from backends import running
from board_sources import StandIn, sources_at
from boards import FOLDER, boards, panel_queries, panels
from programs import SUITES, programs
from starlette.applications import Starlette
from starlette.testclient import TestClient
from waiting import free_ports
from watch import selectors

from ai_monitoring.embedded.viewer.boards.files import Boards
from ai_monitoring.embedded.viewer.boards.routes import routes
from ai_monitoring.embedded.viewer.sources import Client

HOURS = 2
STEP = 15
PANELS = [(board["uid"], panel) for board in boards().values() for panel in panels(board)]
LABELS = {
    "service": "django",
    "model": "gpt-4o-mini",
    "team": "coaching",
    "project": "demo",
    "provider": "openai",
    "currency": "EUR",
    "source": "ai-monitoring",
    "type": "input",
    "instance": "a:1",
    "job": "services",
    "status": "500",
}
"""What every series has; `severity`, `le` and `alertstate` come with the series that have them."""


def samples(name: str) -> Iterator[str]:
    """OpenMetrics: a series that rises, one for each label value that queries tell apart."""
    for more in _variants(name):
        labels = ",".join(f'{key}="{value}"' for key, value in {**LABELS, **more}.items())
        end = time.time()
        for at in range(HOURS * 3600 // STEP):
            height = {"0.5": 1, "1.0": 3}.get(more.get("le", ""), 4)
            yield f"{name}{{{labels}}} {at * height / 1000 + 1} {end - HOURS * 3600 + at * STEP:.0f}"


def _variants(name: str) -> list[dict[str, str]]:
    if name.startswith("threshold:"):
        return [{"severity": "warning"}, {"severity": "critical"}]
    if name.endswith("_bucket"):
        return [{"le": bound} for bound in ("0.5", "1.0", "+Inf")]
    if name.startswith("slo:"):
        return [{"slo": "availability"}, {"slo": "budget", "scope": "team", "name": "search", "period": "month"}]
    if name == "incidents:open":
        return [{"severity": "critical", "status": status} for status in ("open", "acknowledged")]
    if name.startswith("incidents:"):
        return [{"severity": "critical"}]
    if name.startswith("alertmanager_"):
        return [{"integration": "slack"}]
    if name == "ALERTS":
        return [{"alertname": "ServiceDown", "severity": "critical", "alertstate": "firing"}]
    return [{}]


def names() -> set[str]:
    return {name for query in panel_queries("prometheus") for name, _ in selectors(query.runnable)}


@pytest.fixture(scope="module", params=SUITES)
def prometheus(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Prometheus that has two hours of all that the dashboards ask for."""
    folder = tmp_path_factory.mktemp("prometheus")
    recorded = folder / "recorded.om"
    recorded.write_text("".join(f"{line}\n" for name in sorted(names()) for line in samples(name)) + "# EOF\n")
    tool = programs("sid") / "promtool"
    made = [str(tool), "tsdb", "create-blocks-from", "openmetrics", str(recorded), str(folder / "data")]
    subprocess.run(made, check=True, capture_output=True)
    (folder / "prometheus.yml").write_text("{}")
    (port,) = free_ports(1)
    address = f"http://127.0.0.1:{port}"
    command = [
        str(programs(request.param) / "prometheus"),
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--enable-feature=exemplar-storage",
    ]
    with running(command, folder / "prometheus.log", f"{address}/-/ready"):
        yield address


@contextmanager
def others() -> Iterator[StandIn]:
    """Loki and Tempo: their answers to such queries."""
    now = time.time()
    labels = {"detected_level": "error", "service_name": "django", "event": "opened"}
    ranges = {
        "matrix": {"resultType": "matrix", "result": [{"metric": labels, "values": [[now - 60, "3"], [now, "4"]]}]},
        "streams": {
            "resultType": "streams",
            "result": [{"stream": labels, "values": [[f"{now:.0f}000000000", "slow"]]}],
        },
    }
    count = [{"metric": {"question": "What does it cost?", "service_name": "faq"}, "value": [now, "3"]}]
    source = StandIn()
    source.answers = {
        "/loki/api/v1/label/service_name/values": {"status": "success", "data": ["django", "fastapi"]},
        "/loki/api/v1/query_range": lambda query: {
            "data": ranges["matrix" if "count" in query["query"] else "streams"]
        },
        "/loki/api/v1/query": {"data": {"resultType": "vector", "result": count}},
        "/api/search": {
            "traces": [{"traceID": "a1", "rootServiceName": "django", "startTimeUnixNano": f"{now:.0f}000000000"}]
        },
    }
    with source.up():
        yield source


@pytest.fixture(scope="module")
def viewer(prometheus: str) -> Iterator[TestClient]:
    with others() as source:
        client = Client(sources_at(source.address, prometheus=prometheus))
        with TestClient(Starlette(routes=routes(Boards(FOLDER), client))) as browser:
            yield browser
            assert browser.portal is not None
            browser.portal.call(client.aclose)


@pytest.mark.parametrize("uid", [board["uid"] for board in boards().values()])
def test_every_board_has_its_panels_and_variables(viewer: TestClient, uid: str) -> None:
    answer = viewer.get(f"/api/boards/{uid}")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert [variable["error"] for variable in found["variables"] if variable["error"]] == []
    assert all(variable["options"] or variable["kind"] == "text" for variable in found["variables"])
    assert all(panel["supported"] for panel in found["panels"])
    assert not [link for panel in found["panels"] for link in panel["links"] if link["url"].startswith("http")]


@pytest.mark.parametrize(("uid", "panel"), PANELS, ids=[f"{uid}-{panel['id']}" for uid, panel in PANELS])
def test_every_panel_has_data(viewer: TestClient, uid: str, panel: dict[str, Any]) -> None:
    answer = viewer.get(f"/api/boards/{uid}/panels/{panel['id']}?width=600")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["errors"] == []
    assert found["empty"] == ""
    assert {series["ref"] for series in found["series"]} in (set(), {target["refId"] for target in panel["targets"]})
    for series in found["series"]:
        assert series["name"]
        assert any(value is not None for _, value in series["points"])


def test_a_choice_reaches_the_queries(viewer: TestClient) -> None:
    nobody = viewer.get("/api/boards/overview/panels/1?var-service=nobody").json()
    assert (nobody["values"], nobody["errors"]) == ([], [])
    assert nobody["empty"] == "No data in this time range."
