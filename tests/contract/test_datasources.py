"""The data sources lead to each other, and Grafana's own settings keep it at home."""

import configparser

import pytest
import yaml
from datasources import SOURCES, filled_in, metrics_of_traces
from grammars import first_errors
from watch import ROOT, selectors

PROVISIONING = ROOT / "grafana" / "provisioning"
COMPOSE: dict[str, list[str]] = yaml.safe_load(
    (ROOT / "tests" / "contract" / "compose.yml").read_text(encoding="utf-8")
)
TEMPO = SOURCES["tempo"]["jsonData"]


@pytest.mark.parametrize("uid", SOURCES)
def test_addresses_are_those_of_the_compose_file(uid: str) -> None:
    ports = {"prometheus": 9090, "alertmanager": 9093, "loki": 3100, "tempo": 3200}
    assert SOURCES[uid]["url"] == f"http://{uid}:{ports[uid]}"
    assert SOURCES[uid]["type"] == uid


def test_an_exemplar_leads_to_its_trace() -> None:
    (destination,) = SOURCES["prometheus"]["jsonData"]["exemplarTraceIdDestinations"]
    assert (destination["name"], destination["datasourceUid"]) == ("trace_id", "tempo")


def test_a_line_leads_to_its_trace() -> None:
    (field,) = SOURCES["loki"]["jsonData"]["derivedFields"]
    assert (field["matcherType"], field["matcherRegex"], field["datasourceUid"]) == ("label", "trace_id", "tempo")


def test_a_trace_leads_to_its_lines() -> None:
    links = TEMPO["tracesToLogsV2"]
    assert links["datasourceUid"] == "loki"
    query = filled_in(links["query"])
    assert query == '{service_name="fastapi"} | trace_id="0af7"'
    assert first_errors([("logql", query)]) == [None]


def test_a_trace_leads_to_the_collectors_metrics() -> None:
    links = TEMPO["tracesToMetrics"]
    assert links["datasourceUid"] == "prometheus"
    read = [selector for _, query in metrics_of_traces() for selector in selectors(filled_in(query))]
    assert {name for name, _ in read} == set(COMPOSE["collector"])
    assert all(labels["service_name"] == "fastapi" and labels["span_name"] == "search" for _, labels in read)


def test_alerts_are_shown_from_alertmanager() -> None:
    assert SOURCES["prometheus"]["jsonData"]["alertmanagerUid"] == "alertmanager"
    assert SOURCES["alertmanager"]["jsonData"] == {
        "implementation": "prometheus",
        "handleGrafanaManagedAlerts": False,
    }


def test_grafana_keeps_to_itself() -> None:
    ini = configparser.ConfigParser(interpolation=None)
    ini.read(ROOT / "grafana" / "grafana.ini")
    assert not ini.getboolean("auth.anonymous", "enabled")
    assert not any(ini.getboolean("analytics", name) for name in ini["analytics"])
    assert ini.getboolean("plugins", "preinstall_disabled")
    assert ini.getboolean("security", "disable_gravatar")
    assert ini.getboolean("metrics", "enabled")
    assert "admin_password" not in ini["security"]


def test_boards_come_from_files_and_cannot_be_saved_over() -> None:
    file = PROVISIONING / "dashboards" / "dashboards.yml"
    (provider,) = yaml.safe_load(file.read_text(encoding="utf-8"))["providers"]
    assert provider["allowUiUpdates"] is False
    assert provider["options"] == {"path": "/etc/grafana/dashboards", "foldersFromFilesStructure": True}
