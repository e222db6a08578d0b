"""What a message says and offers, as amtool renders it: of a user's own rule too, and where no service is named."""

import json
import shutil
import subprocess
from pathlib import Path
from urllib.parse import unquote

import pytest
from programs import SUITES, programs
from watch import ROOT

TEMPLATES = ROOT / "alertmanager" / "templates"
ENGINES = ("docker", "local")
SLACK, TEXT, HTML, SUBJECT = "slack.text", "email.text", "email.html", "email.subject"


class Messages:
    """The templates as an engine has them."""

    def __init__(self, suite: str, engine: str, folder: Path) -> None:
        self._amtool, self._folder = programs(suite) / "amtool", folder
        for file in TEMPLATES.glob("*.tmpl"):
            shutil.copy(file, folder)
        if engine == "local":
            shutil.copy(TEMPLATES / "local" / "local.tmpl", folder / "docker.tmpl")

    def render(self, template: str, annotations: dict[str, str], **labels: str) -> str:
        alert = {
            "status": "firing",
            "labels": labels,
            "annotations": annotations,
            "startsAt": "2026-11-26T17:00:00Z",
            "fingerprint": "f1e2d3c4",
        }
        data = {"status": "firing", "alerts": [alert], "commonLabels": labels, "commonAnnotations": annotations}
        (self._folder / "data.json").write_text(json.dumps(data), encoding="utf-8")
        command = [
            str(self._amtool),
            "template",
            "render",
            f"--template.glob={self._folder}/*.tmpl",
            f"--template.data={self._folder}/data.json",
            f"--template.type={'html' if template == HTML else 'text'}",
            f'--template.text={{{{ template "ai_monitoring.{template}" . }}}}',
        ]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("engine", ENGINES)
def test_a_rule_without_annotations_is_told_by_its_name(suite: str, engine: str, tmp_path: Path) -> None:
    messages = Messages(suite, engine, tmp_path)
    text = {
        name: messages.render(name, {}, alertname="High CPU", service="my shop", severity="warning")
        for name in (SLACK, TEXT, HTML, SUBJECT)
    }
    assert text[SUBJECT].strip() == "[WARNING] my shop High CPU"
    assert text[SLACK].startswith("*High CPU*")
    assert text[TEXT].startswith("High CPU\n")
    assert "<strong>High CPU</strong>" in text[HTML]
    assert not [name for name in text if "First step" in text[name]]


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("template", [SLACK, TEXT, HTML])
@pytest.mark.parametrize(
    ("labels", "offered"),
    [
        ({"alertname": "LLMSlow", "service": "shop"}, "--alert=LLMSlow --service=shop --severity=warning"),
        ({"alertname": "HostDiskFull", "instance": "a:9100"}, "f1e2d3c4"),
        ({"alertname": "High CPU", "service": "my shop"}, "f1e2d3c4"),
        ({"alertname": "LLMSlow", "service": "$(reboot)"}, "f1e2d3c4"),
    ],
)
def test_the_command_silences_no_more_than_the_alert(
    suite: str, template: str, labels: dict[str, str], offered: str, tmp_path: Path
) -> None:
    rendered = Messages(suite, "local", tmp_path).render(template, {}, severity="warning", **labels)
    (line,) = (line for line in rendered.splitlines() if "alerts silence" in line)
    command = line.partition("ai-monitoring alerts silence ")[2].removesuffix("</code></p>").removesuffix("`")
    assert command == f"--for=2h --comment=why {offered}"


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("template", [SLACK, TEXT, HTML])
@pytest.mark.parametrize(
    ("labels", "offered"),
    [
        (
            {"alertname": "LLMSlow", "service": "my shop", "model": "m"},
            '{alertname=~"LLMSlow",service=~"my.shop",severity=~"warning"}',
        ),
        (
            {"alertname": "HostDiskFull", "instance": "a:9100", "mountpoint": "/\\"},
            '{alertname=~"HostDiskFull",instance=~"a:9100",mountpoint=~"..",severity=~"warning"}',
        ),
    ],
)
def test_the_page_silences_no_more_than_the_alert(
    suite: str, template: str, labels: dict[str, str], offered: str, tmp_path: Path
) -> None:
    rendered = Messages(suite, "docker", tmp_path).render(template, {}, severity="warning", **labels)
    address = rendered.partition("#/silences/new?filter=")[2].split("|")[0].split("\n")[0].split('">')[0]
    assert unquote(address) == offered
