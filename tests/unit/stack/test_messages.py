"""What messages say, made by Alertmanager's own program in both releases."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from boards import boards
from programs import SUITES, programs
from watch import alerts

from ai_monitoring.stack import messages, preflight, runtime
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.settings import Settings

Configured = Callable[[str], Settings]
Render = Callable[..., str]

HOSTILE = '<script>alert(1)</script><!channel> & "quoted"'
BEGIN, END = "2026-11-26T17:00:00.123Z", "2026-11-26T17:05:30.123Z"
ENGINES = pytest.mark.parametrize("local", [False, True], ids=["docker", "local"])


def alert(*, resolved: bool = False, **labels: str) -> dict[str, Any]:
    """One of Alertmanager's, as its templates get it; of a service's second label is made its summary."""
    labels = {"alertname": "ServiceErrorRate", "service": "shop", "severity": "critical", **labels}
    return {
        "status": "resolved" if resolved else "firing",
        "labels": labels,
        "annotations": {
            "summary": f"12 % of the requests to {labels['service']} fail",
            "description": "12 % failed over 5 minutes; the critical threshold is 10 %.",
            "first_step": f"See which route of {labels['service']} fails",
            "runbook": "docs/runbooks/service/ServiceErrorRate.md",
        },
        "startsAt": BEGIN,
        "endsAt": END if resolved else "0001-01-01T00:00:00Z",
        "fingerprint": "6a1f3b0c2d4e5f60",
    }


@pytest.fixture(params=SUITES)
def amtool(request: pytest.FixtureRequest) -> str:
    return str(programs(request.param) / "amtool")


@pytest.fixture
def render(project: Path, configured: Configured, tmp_path: Path, amtool: str, path: Path) -> Render:
    """Makes a text of a group of alerts, with one engine's templates and this .env."""

    def make(text: str, *group: dict[str, Any], local: bool = True, env: str = "", kind: str = "text") -> str:
        for name, content in messages.templates(configured(env), local=local).items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(content, encoding="utf-8")
        data = tmp_path / "data.json"
        data.write_text(json.dumps(_data(group)), encoding="utf-8")
        options = [f"--template.glob={tmp_path}/templates/*.tmpl", f"--template.data={data}", f"--template.type={kind}"]
        command = [amtool, "template", "render", *options, f"--template.text={messages.name(text)}"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    return make


def _data(group: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    labels = [one["labels"].items() for one in group]
    return {
        "receiver": "critical",
        "status": "firing" if any(one["status"] == "firing" for one in group) else "resolved",
        "alerts": list(group),
        "groupLabels": {name: group[0]["labels"][name] for name in ("alertname", "service")},
        "commonLabels": dict(item for item in labels[0] if all(item in others for others in labels)),
        "commonAnnotations": {},
        "externalURL": "http://127.0.0.1:9093",
    }


def test_subject_is_one_to_triage_by(render: Render) -> None:
    subject = "email.subject"
    assert render(subject, alert()) == "[CRITICAL] shop ServiceErrorRate: 12 % of the requests to shop fail"
    assert render(subject, alert(resolved=True)).startswith("[RESOLVED] shop ServiceErrorRate: 12 %")
    many = [alert(instance="a"), alert(instance="b"), alert(instance="c", resolved=True)]
    assert render(subject, *many) == "[CRITICAL] shop ServiceErrorRate: 2 firing, 1 resolved"
    assert render("slack.title", *many) == render(subject, *many)
    assert render("slack.title", alert()) == "[CRITICAL] shop ServiceErrorRate"


def test_alert_of_no_service_and_no_severity_has_a_subject(render: Render) -> None:
    bare = alert()
    del bare["labels"]["severity"]
    bare["labels"]["service"] = ""
    assert render("email.subject", bare).startswith("[ALERT] ServiceErrorRate: ")


@pytest.mark.parametrize("text", ["slack.text", "email.text", "email.html"])
@ENGINES
def test_message_says_what_since_when_how_much_and_what_to_do(render: Render, text: str, local: bool) -> None:
    made = render(text, alert(), local=local, kind="html" if text == "email.html" else "text")
    for fact in (
        "12 % of the requests to shop fail",
        "Since 2026-11-26 17:00:00 UTC",
        "12 % failed over 5 minutes; the critical threshold is 10 %.",
        "See which route of shop fails",
        "/d/overview?viewPanel=panel-13&var-service=shop",
        "runbooks/service/ServiceErrorRate",
        "http://127.0.0.1:9095/incidents/6a1f3b0c2d4e5f60",
        "Silence it",
    ):
        assert fact in made, fact


@pytest.mark.parametrize("text", ["slack.text", "email.text", "email.html"])
def test_resolved_message_says_how_long_it_lasted_and_asks_for_nothing(render: Render, text: str) -> None:
    made = render(text, alert(resolved=True), kind="html" if text == "email.html" else "text")
    assert "Over: 12 % of the requests to shop fail" in made
    assert "It lasted 5m30s, from 2026-11-26 17:00:00 UTC" in made
    assert "http://127.0.0.1:9095/incidents/6a1f3b0c2d4e5f60" in made
    assert "Silence" not in made
    assert "See which route" not in made


@pytest.mark.parametrize(("group", "color"), [("critical", "danger"), ("warning", "warning")])
def test_colour_is_the_severitys_until_it_is_over(render: Render, group: str, color: str) -> None:
    assert render("slack.color", alert(severity=group)) == color
    assert render("slack.color", alert(severity=group, resolved=True)) == "good"


@pytest.mark.parametrize("text", ["slack.text", "email.text"])
def test_group_is_told_as_one_message_that_ends(render: Render, text: str) -> None:
    made = render(text, *(alert(service=f"s{number:02}") for number in range(14)), alert(resolved=True))
    assert made.count("Since ") == 10
    assert "Of 14 that fire, 10 are shown." in made
    assert made.count("See which route") == 1
    assert made.count("Over: ") == 1


def test_runbook_and_silence_are_where_the_engine_has_them(render: Render) -> None:
    docker, local = (render("slack.text", alert(), local=local) for local in (False, True))
    blob = "https://github.com/ai-monitoring/ai-monitoring/blob/main/docs/runbooks"
    assert f"<{blob}/service/ServiceErrorRate.md|Runbook>" in docker
    asked = "%7Balertname%3D~%22ServiceErrorRate%22%2Cservice%3D~%22shop%22%2Cseverity%3D~%22critical%22%7D"
    assert f"<http://127.0.0.1:9093/#/silences/new?filter={asked}|Silence it>" in docker
    assert "<http://127.0.0.1:3000/runbooks/service/ServiceErrorRate|Runbook>" in local
    command = "ai-monitoring alerts silence --for=2h --comment=why"
    assert f"`{command} --alert=ServiceErrorRate --service=shop --severity=critical`" in local


@pytest.mark.parametrize(
    ("runbook", "link"),
    [("https://wiki.example.org/a-b?c=1", "https://wiki.example.org/a-b?c=1"), ("", ""), ("our wiki", "")],
)
def test_runbook_of_a_users_own_rule(render: Render, runbook: str, link: str) -> None:
    own = alert()
    own["annotations"]["runbook"] = runbook
    made = render("slack.text", own)
    assert f"<{link}|Runbook>" in made if link else "Runbook" not in made


@ENGINES
def test_links_move_with_the_ports(render: Render, local: bool) -> None:
    made = render("email.text", alert(), local=local, env="GRAFANA_PORT=13000\nALERTMANAGER_PORT=19093\n")
    assert "http://127.0.0.1:13000/d/overview" in made
    # Without Docker a command silences, which reads the port itself.
    assert ("http://127.0.0.1:19093" in made) is not local


@ENGINES
def test_label_is_no_markup_in_an_email(render: Render, local: bool) -> None:
    made = render("email.html", alert(service=HOSTILE), local=local, kind="html")
    assert "&lt;script&gt;alert(1)" in made
    assert "<script" not in made
    assert re.findall(r'href="(?!http://127|https://github)', made) == []


@ENGINES
def test_label_calls_nobody_in_slack_and_runs_nothing_in_a_shell(render: Render, local: bool) -> None:
    made = render("slack.text", alert(service=HOSTILE), local=local)
    assert "<!channel>" not in made
    assert "&lt;!channel&gt; &amp;" in made
    assert "<!channel>" not in render("slack.title", alert(service=HOSTILE), local=local)


def test_shell_gets_no_label_that_it_would_run(render: Render) -> None:
    made = render("email.text", alert(service="$(reboot)"))
    (command,) = re.findall("^Silence it:  (.*)$", made, re.MULTILINE)
    assert re.search(" --comment=why [0-9a-f]*$", command)


def test_command_of_the_projects_environment_is_named_where_it_is(
    project: Path, settings: Settings, make_program: Callable[[Path, str], Path]
) -> None:
    command = make_program(settings.root / ".venv" / "bin" / "ai-monitoring", "true")
    assert f"{command} alerts silence --for" in "".join(messages.templates(settings, local=True).values())
    assert str(command) not in "".join(messages.templates(settings, local=False).values())


def test_each_engine_has_one_of_the_two(project: Path, settings: Settings) -> None:
    shared = {f"templates/{name}.tmpl" for name in ("email", "incident", "panel", "slack", "words")}
    assert set(messages.templates(settings, local=True)) == {*shared, "templates/local.tmpl"}
    assert set(messages.templates(settings, local=False)) == {*shared, "templates/docker.tmpl"}


def test_panel_of_every_alert_is_on_a_board(render: Render) -> None:
    shown = {board["uid"]: {panel["id"] for panel in board["panels"]} for board in boards().values()}
    every = {}
    for rule in alerts():
        one = alert(alertname=rule.alert)
        one["annotations"]["runbook"] = rule.annotations["runbook"]
        every[rule.alert] = one
    for one in every.values():
        link = render("slack.link", one)
        found = re.fullmatch(r"http://127\.0\.0\.1:3000/d/([\w-]+)\?(?:viewPanel=panel-(\d+))?&var-service=shop", link)
        assert found, link
        assert not found[2] or int(found[2]) in shown[found[1]], link


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        ('{{ define "x" }}\n{{ nosuch }}{{ end }}\n', r'mine\.tmpl:2: function "nosuch" not defined'),
        ('{{ define "x" }}\n\n{{ end }\n', r"mine\.tmpl:3: unexpected \"}\" in end"),
        (
            '{{ define "ai_monitoring.since" }}\n{{ .Labels.a.b }}{{ end }}',
            r"mine\.tmpl:2:\d+: executing .*can't evaluate field b",
        ),
        (
            '{{ define "ai_monitoring.since" }}\n{{ template "gone" }}{{ end }}',
            r'mine\.tmpl:2:\d+: executing .* template "gone" not defined',
        ),
    ],
)
def test_broken_template_is_refused_with_file_and_line(
    project: Path,
    settings: Settings,
    amtool: str,
    make_program: Callable[[Path, str], Path],
    broken: str,
    complaint: str,
) -> None:
    (project / "alertmanager" / "templates" / "zz-mine.tmpl").write_text(broken, encoding="utf-8")
    fine = make_program(settings.root / "bin" / "fine", "true")
    found = {"promtool": fine, "amtool": Path(amtool), "blackbox": fine}
    with pytest.raises(StackError, match=f"(?s)^alertmanager/.* is not valid:.*{complaint}") as caught:
        preflight.check_files(settings, found, runtime.stage(settings))
    assert "nothing was changed" in caught.value.remedy
