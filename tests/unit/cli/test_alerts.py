"""`ai-monitoring alerts` against the real incident receiver and the real Alertmanager."""

import json
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from programs import CACHE, programs
from prometheus_client import CollectorRegistry
from waiting import free_ports, until

from ai_monitoring.cli import alerts, alerts_report, main
from ai_monitoring.incidents.alert import Alert
from ai_monitoring.incidents.desk import Desk
from ai_monitoring.incidents.digests import Digests
from ai_monitoring.incidents.log import IncidentLog
from ai_monitoring.incidents.metrics import IncidentMetrics
from ai_monitoring.incidents.receiver import receiver
from ai_monitoring.stack import incident_settings, settings

CONFIGURATION = "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n"
Run = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def alertmanager(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a real one."""
    folder = tmp_path_factory.mktemp("alertmanager")
    (folder / "alertmanager.yml").write_text(CONFIGURATION, encoding="utf-8")
    [port] = free_ports(1)
    command = [
        str(programs("bookworm") / "prometheus-alertmanager"),
        f"--config.file={folder / 'alertmanager.yml'}",
        f"--storage.path={folder}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    ]
    process = subprocess.Popen(command, cwd=CACHE, stderr=subprocess.DEVNULL)
    try:
        until(lambda: urllib.request.urlopen(f"http://127.0.0.1:{port}/-/ready"))
        yield port
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
def log(tmp_path: Path) -> Iterator[IncidentLog]:
    log = IncidentLog(tmp_path / "incidents.db")
    yield log
    log.close()


@pytest.fixture
def incidents(log: IncidentLog, tmp_path: Path) -> Iterator[int]:
    """The port of an incident receiver over that log."""
    registry = CollectorRegistry()
    file = tmp_path / "settings.json"
    file.write_text(
        incident_settings.text(replace(settings.load(tmp_path, {}), root=settings.ROOT), local=True), encoding="utf-8"
    )
    digests = Digests(log, tmp_path / "incidents.db", file, registry=registry)
    application = receiver(Desk(log, IncidentMetrics(registry)), registry, digests=digests)
    [port] = free_ports(1)
    server = uvicorn.Server(uvicorn.Config(application, port=port, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    until(lambda: server.started)
    yield port
    server.should_exit = True
    thread.join()


@pytest.fixture
def run(alertmanager: int, incidents: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `ai-monitoring alerts …`: its exit status, and what it printed."""
    monkeypatch.setenv("ALERTMANAGER_PORT", str(alertmanager))
    monkeypatch.setenv("INCIDENTS_PORT", str(incidents))

    def run(*arguments: str) -> tuple[int, str]:
        try:
            status = main(["alerts", *arguments])
        except SystemExit as error:
            status = int(error.code or 0)
        captured = capsys.readouterr()
        return status, captured.out + captured.err

    return run


def fire(log: IncidentLog, name: str = "ServiceDown", severity: str = "critical", **values: Any) -> int:
    """An incident of the log that began five minutes ago: its number."""
    given: dict[str, Any] = {
        "status": "resolved" if "ended_at" in values else "firing",
        "labels": {"alertname": name, "severity": severity, "service": "shop"},
        "annotations": {"summary": f"shop has {name}", "runbook": f"docs/runbooks/service/{name}.md"},
        "fingerprint": f"{abs(hash((name, severity))):016x}"[:16],
        "started_at": time.time() - 300,
    }
    return log.receive(Alert(**{**given, **values}))[0][0].id


def test_nothing_fires(run: Run) -> None:
    assert run() == (0, "Nothing fires.\n")
    assert run("--status", "all", "--service", "shop") == (0, "No incident matches.\n")
    assert run("--exit-code")[0] == 0


def test_list_worst_first(run: Run, log: IncidentLog, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()

    class Now(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Now":
            return cls.fromtimestamp(now, tz)

    monkeypatch.setattr(alerts_report, "datetime", Now)  # seconds are shown, and they pass
    fire(log, started_at=now - 300)
    slow = fire(log, "DjangoSlow", "warning", started_at=now - 7)
    over = fire(log, "LLMSlow", "warning", started_at=now - 300, ended_at=now - 60)
    log.acknowledge(slow, "ana")
    status, output = run()
    lines = output.splitlines()
    assert status == 0
    assert lines[0].split() == ["ID", "SEVERITY", "SINCE", "STATE", "ALERT"]
    assert lines[1].split(maxsplit=5)[1:] == ["critical", "5", "min", "open", "ServiceDown: shop has ServiceDown"]
    assert "warning   7 s    acknowledged by ana  DjangoSlow: shop has DjangoSlow" in lines[2]
    assert len(lines) == 3
    assert "resolved after 4 min" in run("--status", "resolved")[1]
    assert [one["id"] for one in json.loads(run("--json", "--status", "all")[1])["incidents"]] == [slow, over, 1]
    assert run("--exit-code")[0] == alerts.FOUND
    assert run("--exit-code", "--alert", "Nothing")[0] == 0


def test_without_alertmanager_the_list_comes_all_the_same(
    incidents: int, log: IncidentLog, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    [nobody] = free_ports(1)
    monkeypatch.setenv("ALERTMANAGER_PORT", str(nobody))
    monkeypatch.setenv("INCIDENTS_PORT", str(incidents))
    fire(log)
    assert main(["alerts", "--json"]) == 0
    shown = capsys.readouterr()
    assert [one["alert"] for one in json.loads(shown.out)["incidents"]] == ["ServiceDown"]
    assert shown.err.startswith("What is silenced or inhibited is not said: Alertmanager does not answer")
    assert shown.err.count("\n") == 1


def test_filters(run: Run, log: IncidentLog) -> None:
    fire(log)
    fire(log, "Old", "info", started_at=time.time() - 90_000, ended_at=time.time() - 80_000)
    assert "ServiceDown" in run("--severity", "critical", "--service", "shop", "--alert", "ServiceDown")[1]
    assert run("--severity", "warning")[1] == "No incident matches.\n"
    assert "Old" in run("--status", "all", "--since", "2d")[1]
    assert "Old" not in run("--status", "all", "--since", "60m")[1]


def test_one_incident_with_all_that_happened(run: Run, log: IncidentLog) -> None:
    number = fire(log)
    assert run("acknowledge", str(number), "--by", "ana", "--note", "restarting it") == (
        0,
        f"Incident {number}, ServiceDown is acknowledged by ana.\n",
    )
    noted = (0, f"Noted on Incident {number}, ServiceDown.\n")
    assert run("note", str(number), "disk was full", "--by", "ben") == noted
    fingerprint = log.incident(number).fingerprint
    for name in (str(number), fingerprint):
        status, output = run("show", name)
        assert status == 0
        assert f"Incident {number}: ServiceDown" in output
        assert "docs/runbooks/service/ServiceDown.md" in output
        assert "acknowledged by ana restarting it" in output
        assert "ben: disk was full" in output
    shown = json.loads(run("show", str(number), "--json")[1])
    assert [event["event"] for event in shown["events"]] == ["opened", "acknowledged", "note"]


def test_digest_is_printed_as_it_would_be_sent_now(run: Run, log: IncidentLog) -> None:
    number = fire(log, "LLMSlow", "warning")
    status, output = run("digest", "--print")
    assert status == 0
    assert output.startswith("[DAILY] 1 warning, 1 still open, most of shop LLMSlow\n\nFrom 20")
    assert "Panel:    http://127.0.0.1:3000/d/llm-costs?viewPanel=panel-33&var-service=shop\n" in output
    assert f"Incident: http://127.0.0.1:9095/incidents/{number}\n" in output
    assert run("digest", "--print", "--weekly")[1].startswith("[WEEKLY] no info alerts\n")
    told = json.loads(run("digest", "--print", "--json")[1])
    assert set(told) == {"period", "from", "until", "sent", "subject", "text"}
    assert told["sent"] is True


def test_digest_of_an_empty_day_says_that_it_would_not_be_sent(run: Run) -> None:
    assert run("digest", "--print")[1].endswith("Nothing would be sent: there is nothing to tell.\n")
    status, output = run("digest")
    assert status == 2
    assert "--print" in output


def test_silence_an_incident_and_end_it(run: Run, log: IncidentLog, alertmanager: int) -> None:
    labels = {"alertname": "Silenced", "severity": "critical", "service": "shop"}
    post(alertmanager, [{"labels": labels, "startsAt": (datetime.now(UTC) - timedelta(minutes=5)).isoformat()}])
    [known] = get(alertmanager, "/alerts")
    number = fire(log, "Silenced", fingerprint=known["fingerprint"])
    status, output = run("silence", str(number), "--for", "30m", "--comment", "new disk", "--by", "ana")
    assert status == 0
    assert output.startswith("Silenced until 20")
    name = output.split()[-1]
    until(lambda: "acknowledged by ana, silenced" in run()[1])
    listed = run("silences")[1]
    assert name in listed
    assert "alertname=Silenced" in listed
    assert "(new disk)" in listed
    assert run("unsilence", name) == (0, "Messages about it are sent again.\n")
    assert run("silences")[1] == "Nothing is silenced.\n"
    until(lambda: "silenced" not in run()[1])


def test_silence_all_that_match(run: Run, alertmanager: int) -> None:
    name = json.loads(run("silence", "--service", "shop", "--severity", "warning", "--json")[1])["silence"]
    [silence] = [one for one in get(alertmanager, "/silences") if one["id"] == name]
    assert {one["name"]: one["value"] for one in silence["matchers"]} == {"service": "shop", "severity": "warning"}
    lasts = datetime.fromisoformat(silence["endsAt"]) - datetime.fromisoformat(silence["startsAt"])
    assert round(lasts.total_seconds() / 3600, 1) == 2
    run("unsilence", name)


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("show", "7"), 1, "there is no incident 7"),
        (("show", "deploy"), 1, "There is no incident deploy."),
        (("show", "0123456789abcdef"), 1, "There is no incident 0123456789abcdef."),
        (("note", "7", "x"), 1, "there is no incident 7"),
        (("silence",), 1, "Say what to silence"),
        (("silence", "7", "--service", "shop"), 1, "Say what to silence"),
        (("silence", "--service", "shop", "--for", "0h"), 2, "'0h' is no time such as 30m"),
        (("unsilence", "nothing"), 1, "Alertmanager refuses"),
        (("--since", "yesterday"), 2, "'yesterday' is no time such as 30m"),
        (("--status", "gone"), 2, "invalid choice"),
        (("mend",), 2, "invalid choice"),
    ],
)
def test_what_is_wrong_is_said(run: Run, arguments: tuple[str, ...], status: int, said: str) -> None:
    result, output = run(*arguments)
    assert result == status
    assert said in output


def test_what_is_over_cannot_be_acknowledged(run: Run, log: IncidentLog) -> None:
    number = fire(log, ended_at=time.time())
    status, output = run("acknowledge", str(number))
    assert status == 1
    assert f"The incident log refuses: incident {number} is resolved already." in output


def test_a_watch_that_does_not_run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for name, port in zip(("ALERTMANAGER_PORT", "INCIDENTS_PORT"), free_ports(2), strict=True):
        monkeypatch.setenv(name, str(port))
    assert main(["alerts"]) == 1
    assert "The incident log does not answer." in capsys.readouterr().err


def post(port: int, content: Any) -> None:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v2/alerts", json.dumps(content).encode(), {"Content-Type": "application/json"}
    )
    urllib.request.urlopen(request).close()


def get(port: int, path: str) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v2{path}") as answer:
        return json.load(answer)
