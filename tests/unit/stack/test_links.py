"""The house's own messages lead where Alertmanager's do."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from programs import programs
from watch import alerts

from ai_monitoring.incidents.incident import Incident
from ai_monitoring.incidents.links import Links
from ai_monitoring.stack import links, messages
from ai_monitoring.stack.settings import Settings

Configured = Callable[[str], Settings]
RUNBOOK = "docs/runbooks/service/ServiceErrorRate.md"


def incident(alert: str = "ServiceErrorRate", service: str = "shop", runbook: str = RUNBOOK) -> Incident:
    values = {"severity": "critical", "labels": {}, "fingerprint": "f", "started_at": 0.0, "opened_at": 0.0}
    return Incident(id=12, alert=alert, service=service, annotations={"runbook": runbook}, **values)  # type: ignore[arg-type]


def made(settings: Settings, *, local: bool) -> Links:
    return Links.read({"LINKS": json.loads(json.dumps(links.addresses(settings, local=local)))})


@pytest.mark.parametrize(
    ("local", "runbook"),
    [
        (True, "http://127.0.0.1:13000/runbooks/service/ServiceErrorRate"),
        (False, f"https://github.com/ai-monitoring/ai-monitoring/blob/main/{RUNBOOK}"),
    ],
)
def test_addresses_are_those_of_the_engine(project: Path, configured: Configured, local: bool, runbook: str) -> None:
    found = made(configured("GRAFANA_PORT=13000\nINCIDENTS_PORT=19095\n"), local=local)
    assert found.runbook(incident()) == runbook
    assert found.panel(incident()) == "http://127.0.0.1:13000/d/overview?viewPanel=panel-13&var-service=shop"
    assert found.incident(incident()) == "http://127.0.0.1:19095/incidents/12"
    page = "http://127.0.0.1:9093/#/silences/new?filter=%7Balertname%3D%22ServiceErrorRate%22%2Cservice%3D%22shop%22%7D"
    assert found.silence(incident()) == ("" if local else page)


@pytest.mark.parametrize("named", ["https://wiki.example.org/a", "our wiki", ""])
def test_runbook_of_a_users_own_rule_stays_as_it_is(project: Path, settings: Settings, named: str) -> None:
    assert made(settings, local=True).runbook(incident(runbook=named)) == named


def test_links_follow_an_edited_template(project: Path, settings: Settings) -> None:
    file = project / "alertmanager" / "templates" / "panel.tmpl"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("http://127.0.0.1:3000/d/", "https://watch.example.org/d/"), encoding="utf-8")
    assert made(settings, local=True).panel(incident("Odd", "a b")).endswith("example.org/d/overview?&var-service=a+b")
    file.write_text(text.replace('"^ErrorBudgetBurn"', '"\\\\pL+["'), encoding="utf-8")
    assert made(settings, local=True).panel(incident()).endswith("panel-13&var-service=shop"), (
        "Go's pattern is left out"
    )
    file.write_text('{{ define "ai_monitoring.panel" }}{{ end }}', encoding="utf-8")
    assert made(settings, local=True).panel(incident()) == ""


def test_an_incidents_page_is_where_the_template_says(project: Path, settings: Settings) -> None:
    file = project / "alertmanager" / "templates" / "incident.tmpl"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("http://127.0.0.1:9095/", "https://watch.example.org/"), encoding="utf-8")
    assert made(settings, local=True).incident(incident()) == "https://watch.example.org/incidents/12"
    file.write_text('{{ define "ai_monitoring.incident" }}{{ end }}', encoding="utf-8")
    assert made(settings, local=True).incident(incident()) == "http://127.0.0.1:9095/incidents/12"


def test_panel_of_every_alert_is_the_one_of_its_message(project: Path, settings: Settings, tmp_path: Path) -> None:
    """One run of Alertmanager's own program makes all of them."""
    for name, text in messages.templates(settings, local=True).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    rules = {rule.alert: rule.annotations["runbook"] for rule in alerts()}
    group = [
        {"status": "firing", "labels": {"alertname": name, "service": "shop"}, "annotations": {"runbook": runbook}}
        for name, runbook in rules.items()
    ]
    data = tmp_path / "data.json"
    data.write_text(json.dumps({"alerts": group}), encoding="utf-8")
    text = '{{ range .Alerts }}{{ template "ai_monitoring.panel" . }}\n{{ end }}'
    command = [str(programs("sid") / "amtool"), "template", "render", f"--template.glob={tmp_path}/templates/*.tmpl"]
    command += [f"--template.data={data}", f"--template.text={text}"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    found = made(settings, local=True)
    assert [found.panel(incident(name, "shop", runbook)) for name, runbook in rules.items()] == lines
