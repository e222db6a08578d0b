"""From a condition to the message, through the real Prometheus and Alertmanager of both releases: one story for both.

The files are those that the launcher renders. Only Alertmanager's waits between two messages of one group are shorter.
"""

import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from backends import running
from inboxes import PASSWORD, USER, Mailbox, Webhooks, mailbox, webhooks
from programs import CACHE, SUITES, programs
from waiting import free_ports, until
from watch import ROOT

from ai_monitoring.stack import parts, preflight, runtime
from ai_monitoring.stack.http import get_json
from ai_monitoring.stack.settings import DEFAULT_PORTS, Settings, load

WITHIN = 60.0
"""Seconds from `for` to the message."""
SCRIPT = "<script>alert(1)</script>"
RULES = """\
groups:
  - name: toy
    rules:
"""
RULE = """\
      - alert: {name}
        expr: {expr}
        for: {seconds}s
        labels: {{severity: {severity}, service: {service}}}
        annotations:
          summary: "{service}: {name} <script>alert(1)</script>"
          description: "It is at {{{{ $value }}}}; the {severity} threshold is 80."
          first_step: "Look at {service}"
          runbook: docs/runbooks/service/ServiceErrorRate.md
"""


@dataclass
class Toy:
    """The smallest service there is; `level` is its one metric. It can be ended and begun again on its port."""

    port: int
    level: int = 0
    _ends: ExitStack = field(default_factory=ExitStack)

    def begin(self) -> None:
        toy = self

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.end_headers()
                self.wfile.write(f"toy_level {toy.level}\n".encode())

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        server = self._ends.enter_context(ThreadingHTTPServer(("127.0.0.1", self.port), Answers))
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        self._ends.callback(thread.join)
        self._ends.callback(server.shutdown)

    def end(self) -> None:
        self._ends.close()


@dataclass(frozen=True)
class Watch:
    """Prometheus and Alertmanager of one release, and where their messages end."""

    suite: str
    settings: Settings
    slack: Webhooks
    mail: Mailbox

    @property
    def recipient(self) -> str:
        return f"{self.suite}@example.org"

    def texts(self, severity: str, *words: str) -> list[Any]:
        """What came to the channel of that severity and holds these words."""
        return self.slack.at(f"/{self.suite}/{severity}/s3cret", *words)

    def query(self, expr: str) -> list[Any]:
        address = f"http://127.0.0.1:{self.settings.ports['PROMETHEUS_PORT']}/api/v1/query"
        found: list[Any] = get_json(address, query=expr)["data"]["result"]
        return found

    def alerts(self, name: str) -> list[Any]:
        """Alertmanager's own view of an alert."""
        address = f"http://127.0.0.1:{self.settings.ports['ALERTMANAGER_PORT']}/api/v2/alerts"
        found: list[Any] = get_json(address, filter=f"alertname={name}")
        return found

    def true_since(self, name: str, severity: str) -> float:
        """When Prometheus first found the alert's expression true, seconds since 1970."""
        (sample,) = self.query(f'max(max_over_time(ALERTS_FOR_STATE{{alertname="{name}",severity="{severity}"}}[10m]))')
        return float(sample["value"][1])


@dataclass(frozen=True)
class Story:
    """The watches at the end of all that happened, and when it began, seconds since 1970."""

    watches: dict[str, Watch]
    changed_at: float


def project(root: Path, slack: Webhooks, mail: Mailbox, suite: str, toys: dict[str, Toy]) -> Settings:
    """A project's folder with the repository's own files, two services, rules of a user's own, and channels."""
    for folder in ("prometheus", "alertmanager", "blackbox", "grafana/provisioning"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("demo.yml"))
    targets = [f"- targets: ['127.0.0.1:{toy.port}']\n  labels: {{service: {name}}}\n" for name, toy in toys.items()]
    (root / "prometheus" / "targets" / "services.yml").write_text("".join(targets), encoding="utf-8")
    rules = [
        ("Hot", "toy_level > 80", 15, "warning", "toy"),
        # Both at once, of one condition: the warning must never be told.
        ("Wet", "toy_level > 80", 15, "warning", "toy"),
        ("Wet", "toy_level > 80", 15, "critical", "toy"),
        # What follows from a service that is down.
        ("Gone", 'service:up{service="frail"} == 0', 75, "warning", "frail"),
        ("Note", "toy_level > 80", 0, "info", "toy"),
        ("Drift", "toy_level > 80", 15, "warning, audience: ml", "toy"),
    ]
    keys = ("name", "expr", "seconds", "severity", "service")
    text = RULES + "".join(RULE.format(**dict(zip(keys, rule, strict=True))) for rule in rules)
    (root / "prometheus" / "rules" / "toy.yml").write_text(text, encoding="utf-8")
    ports = dict(zip(DEFAULT_PORTS, free_ports(len(DEFAULT_PORTS)), strict=True)) | {"INCIDENTS_PORT": slack.port}
    lines = {
        **ports,
        "SLACK_WEBHOOK_URL_CRITICAL": f"http://127.0.0.1:{slack.port}/{suite}/critical/s3cret",
        "SLACK_WEBHOOK_URL_WARNING": f"http://127.0.0.1:{slack.port}/{suite}/warning/s3cret",
        "SLACK_WEBHOOK_URL_ML": f"http://127.0.0.1:{slack.port}/{suite}/ml/s3cret",
        "HEARTBEAT_URL": f"http://127.0.0.1:{slack.port}/{suite}/heartbeat",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": mail.port,
        "SMTP_USER": USER,
        "SMTP_PASSWORD": f'"{PASSWORD}"',
        "ALERT_EMAIL_TO": f"{suite}@example.org",
    }
    (root / ".env").write_text("".join(f"{name}={value}\n" for name, value in lines.items()), encoding="utf-8")
    return load(root, {})


def render(settings: Settings, here: dict[str, Path]) -> None:
    """What the launcher does before it starts the two, and shorter waits for what is told a second time."""
    runtime.prepare(settings)
    staged = runtime.stage(settings)
    preflight.check_files(settings, here, staged)
    runtime.put_in_place(settings, staged, demo=False)
    file = settings.runtime / "alertmanager" / "alertmanager.yml"
    text, count = re.subn(r"group_interval: \w+", "group_interval: 5s", file.read_text(encoding="utf-8"))
    assert count == 5
    file.write_text(text, encoding="utf-8")


@contextmanager
def watch(suite: str, slack: Webhooks, mail: Mailbox, toys: dict[str, Toy]) -> Iterator[Watch]:
    """Prometheus and Alertmanager of that release, as the launcher would start them."""
    with ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="notifications-")))
        settings = project(root, slack, mail, suite, toys)
        stack.enter_context(run(suite, settings, "prometheus", "alertmanager"))
        yield Watch(suite, settings, slack, mail)


def programs_of(suite: str) -> dict[str, Path]:
    """That release's programs, by the launcher's names; the one of whom there is no second serves both."""
    own = programs(suite)
    found = {name: own / name for name in ("prometheus", "promtool", "amtool")}
    bookworm = programs("bookworm")
    found["blackbox"] = bookworm / "prometheus-blackbox-exporter"
    found["node"] = bookworm / "prometheus-node-exporter"
    return {**found, "alertmanager": own / "prometheus-alertmanager"}


@contextmanager
def run(suite: str, settings: Settings, *names: str) -> Iterator[None]:
    """Parts of that release, as the launcher would start them."""
    here = programs_of(suite)
    render(settings, here)
    planned = {part.name: part for part in parts.watch(settings, here)}
    with ExitStack() as stack:
        for name in names:
            part, log = planned[name], CACHE / f"notifications-{suite}-{name}.log"
            log.unlink(missing_ok=True)
            stack.enter_context(running(list(part.command), log, f"{part.address}{part.ready}"))
        yield


@pytest.fixture(scope="module")
def story() -> Iterator[Story]:
    """One service is ended and another made hot at once; then all is well again."""
    toys = {name: Toy(port) for name, port in zip(("toy", "frail"), free_ports(2), strict=True)}
    with ExitStack() as stack:
        slack, mail = stack.enter_context(webhooks()), stack.enter_context(mailbox())
        for toy in toys.values():
            toy.begin()
            stack.callback(toy.end)
        watches = {suite: stack.enter_context(watch(suite, slack, mail, toys)) for suite in SUITES}
        every = list(watches.values())
        until(lambda: all(len(one.query("service:up == 1")) == 2 for one in every))

        changed = time.time()
        toys["toy"].level = 90
        toys["frail"].end()
        until(lambda: all(one.texts("warning", "[WARNING] toy Hot") for one in every), 120)
        until(lambda: all(one.mail.to(one.recipient, "[CRITICAL] frail ServiceDown") for one in every), 180)
        until(lambda: all(one.texts("critical", "[CRITICAL] frail ServiceDown") for one in every), 10)
        until(lambda: all(one.alerts("Gone") for one in every), 60)
        # Whatever would be told of the warnings is told within their group's wait.
        time.sleep(35)
        inhibited(every)

        toys["toy"].level = 0
        toys["frail"].begin()
        for title in ("toy Wet", "frail ServiceDown"):
            until(lambda: all(one.texts("critical", f"[RESOLVED] {title}") for one in every), 90)  # noqa: B023
            until(lambda: all(one.mail.to(one.recipient, f"[RESOLVED] {title}") for one in every), 30)  # noqa: B023
        until(lambda: all(one.texts("warning", "[RESOLVED] toy Hot") for one in every), 90)
        yield Story(watches, changed)


def inhibited(watches: list[Watch]) -> None:
    """A critical alert speaks for its warning, and a service that is down for what follows."""
    for one in watches:
        for name in ("Wet", "Gone"):
            (alert,) = [alert for alert in one.alerts(name) if alert["labels"]["severity"] == "warning"]
            assert alert["status"]["inhibitedBy"], (one.suite, name)


@pytest.fixture(params=SUITES)
def told(request: pytest.FixtureRequest, story: Story) -> Watch:
    """One release, after the story."""
    return story.watches[request.param]


def test_heartbeat_is_posted_again_and_again(told: Watch) -> None:
    """Each minute as the file is; here groups are looked at every 5 seconds, so each 45 to 50."""
    beats = told.slack.at(f"/{told.suite}/heartbeat")
    assert {beat.content["commonLabels"]["alertname"] for beat in beats} == {"Watchdog"}
    assert {beat.content["status"] for beat in beats} == {"firing"}
    gaps = [later.at - earlier.at for earlier, later in itertools.pairwise(beats)]
    assert gaps
    assert max(gaps) < 70, gaps


def test_model_alert_reaches_the_ml_channel_too(told: Watch) -> None:
    for channel in ("ml", "warning"):
        assert told.texts(channel, "[WARNING] toy Drift"), channel
    assert told.texts("ml", "Hot") == told.texts("ml", "Wet") == []


def test_critical_alert_reaches_slacks_critical_channel_and_the_mailbox(told: Watch) -> None:
    [slack] = told.texts("critical", "[CRITICAL] toy Wet")
    [mail] = told.mail.to(told.recipient, "[CRITICAL] toy Wet")
    panel = f"http://127.0.0.1:{told.settings.ports['GRAFANA_PORT']}/d/overview?"
    runbook = f"http://127.0.0.1:{told.settings.ports['GRAFANA_PORT']}/runbooks/service/ServiceErrorRate"
    for text in (slack.text, mail.body("plain"), mail.body("html")):
        for fact in (
            "It is at 90; the critical threshold is 80.",
            "Look at toy",
            "Since 20",
            panel,
            runbook,
            "alerts silence --for=2h",
        ):
            assert fact in text, fact
    assert mail.authenticated
    assert told.texts("warning", "toy Wet") == []
    assert slack.content["attachments"][0]["color"] == "danger"


def test_warning_reaches_slacks_warning_channel_alone(told: Watch) -> None:
    [slack] = told.texts("warning", "[WARNING] toy Hot")
    assert slack.content["attachments"][0]["color"] == "warning"
    assert "the warning threshold is 80." in slack.text
    assert told.texts("critical", "toy Hot") == []
    assert told.mail.to(told.recipient, "toy Hot") == []


def test_what_is_resolved_is_told_where_it_was_told_of(told: Watch) -> None:
    for severity, name in (("critical", "frail ServiceDown"), ("critical", "toy Wet"), ("warning", "toy Hot")):
        (slack, *_) = told.texts(severity, f"[RESOLVED] {name}")
        assert re.search(r"It lasted (\d+m)?\d+s", slack.text)
        assert slack.content["attachments"][0]["color"] == "good"
    assert told.mail.to(told.recipient, "[RESOLVED] frail ServiceDown")


def test_inhibited_warnings_are_never_told(told: Watch) -> None:
    assert told.texts("warning", "Wet") == []
    assert told.texts("warning", "Gone") == []


def test_info_is_in_the_incident_log_and_nobodys_message(told: Watch) -> None:
    assert [
        one for one in told.slack.posted if "/critical/" in one.path or "/warning/" in one.path if "Note" in one.text
    ] == []
    assert told.mail.to(told.recipient, "Note") == []
    logged = {
        alert["labels"]["alertname"]
        for one in told.slack.posted
        if one.path == "/alertmanager"
        for alert in one.content["alerts"]
    }
    assert {"Watchdog", "ServiceDown", "Hot", "Wet", "Note"} <= logged


def test_label_is_no_markup(told: Watch) -> None:
    [slack] = told.texts("critical", "[CRITICAL] toy Wet")
    [mail] = told.mail.to(told.recipient, "[CRITICAL] toy Wet")
    assert SCRIPT not in slack.text
    assert SCRIPT not in mail.body("html")
    assert "&lt;script&gt;" in mail.body("html")
    assert SCRIPT in mail.body("plain")


def test_message_comes_within_a_minute_of_its_time(
    told: Watch, story: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    """`for` and at most 60 s from the moment at which the expression is true, at 15 s scrapes."""
    for name, severity, service, lasts in (
        ("ServiceDown", "critical", "frail", 60),
        ("Wet", "critical", "toy", 15),
        ("Hot", "warning", "toy", 15),
    ):
        (first, *_) = told.texts(severity, f"[{severity.upper()}] {service} {name}")
        took = first.at - told.true_since(name, severity)
        with capsys.disabled():
            print(
                f"\n{told.suite}: {name} ({severity}): message {took:.1f} s after its expression was true, "
                f"`for` being {lasts} s; {first.at - story.changed_at:.1f} s after the condition itself"
            )
        assert took <= lasts + WITHIN


def test_the_messages_own_command_silences(told: Watch) -> None:
    [slack] = told.texts("critical", "[CRITICAL] toy Wet")
    (command,) = re.findall("`(ai-monitoring alerts silence .*)`", slack.text)
    # The project's own command, in its environment; the port of this watch, as its .env would say.
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    port = str(told.settings.ports["ALERTMANAGER_PORT"])
    environment = {**os.environ, "PATH": path, "ALERTMANAGER_PORT": port}
    subprocess.run(command, shell=True, env=environment, check=True, capture_output=True)  # noqa: S602
    address = f"http://127.0.0.1:{told.settings.ports['ALERTMANAGER_PORT']}/api/v2/silences"
    (silence,) = get_json(address)
    assert {one["name"]: one["value"] for one in silence["matchers"]} == {
        "alertname": "Wet",
        "service": "toy",
        "severity": "critical",
    }
    assert silence["status"]["state"] == "active"


@pytest.mark.parametrize("suite", SUITES)
def test_maintenance_is_told_to_nobody_but_the_incident_log(suite: str, tmp_path: Path) -> None:
    with webhooks() as slack, mailbox() as mail:
        settings = project(tmp_path, slack, mail, suite, {})
        file = tmp_path / "alertmanager" / "alertmanager.yml"
        window = '    - times: [{start_time: "00:00", end_time: "24:00"}]\n'
        text, count = re.subn(r"(?<=    time_intervals:\n)", window, file.read_text(encoding="utf-8"))
        assert count == 1
        file.write_text(text, encoding="utf-8")
        with run(suite, settings, "alertmanager"):
            for severity in ("critical", "warning"):
                raise_alert(settings, alertname="Planned", service="toy", severity=severity)
            until(lambda: slack.at("/alertmanager"), 30)
            time.sleep(2)
        assert {one.path for one in slack.posted} == {"/alertmanager"}
        assert mail.received == []


def raise_alert(settings: Settings, **labels: str) -> None:
    """Tell Alertmanager of an alert, as Prometheus would."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{settings.ports['ALERTMANAGER_PORT']}/api/v2/alerts",
        json.dumps([{"labels": labels, "annotations": {"summary": "It is worked on"}}]).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=5) as answer:
        assert answer.status == 200
