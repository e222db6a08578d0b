"""The launcher and its local engine for real, as a newcomer meets them: one stack, one story."""

import os
import re
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from checkout import Checkout, checkout, eventually

from ai_monitoring.stack import environment
from ai_monitoring.stack.http import get_json, send_json

WATCH = {
    *("prometheus", "alertmanager", "node-exporter", "blackbox-exporter"),
    *("incidents", "spend", "collect", "embedded"),
}
LOOPBACK = {"0100007F", "0000000000000000FFFF00000100007F"}
"""As /proc/net/tcp writes it; gRPC opens an IPv6 socket for IPv4's address."""
EMBEDDED = ("GRAFANA_PORT", "LOKI_PORT", "TEMPO_PORT", "OTLP_GRPC_PORT", "OTLP_HTTP_PORT", "OTEL_COLLECTOR_PORT")


@pytest.fixture(scope="module")
def stack() -> Iterator[Checkout]:
    with checkout("stack") as copy:
        first = copy.run()
        assert first.returncode == 0, first.stdout + first.stderr
        assert "Everything is healthy" in first.stdout
        assert "prometheus/targets/services.yml" in first.stdout, "it tells how to declare a service"
        assert "\x1b" not in first.stdout, "plain lines without a terminal"
        yield copy


@contextmanager
def service(port: int) -> Iterator[None]:
    """The smallest service there is, on a port of ours."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.end_headers()
            self.wfile.write(b"toy 1\n")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", port), Answers) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield
        server.shutdown()
        thread.join()


def test_a_first_start_watches_the_host_and_itself_and_raises_no_alarm(stack: Checkout) -> None:
    status = stack.status()
    assert all(part["healthy"] for part in status["parts"])
    assert {part["name"] for part in status["parts"]} == WATCH
    eventually("the dead man's switch arrives", lambda: '"alert": "Watchdog"' in stack.log("incidents"), 120)
    assert {alert["name"] for alert in stack.status()["alerts"]} <= {"Watchdog", "ServiceDown"}


def test_what_it_makes_is_for_its_owner_alone(stack: Checkout) -> None:
    for path in (stack.root / ".runtime", *(stack.root / ".runtime" / "secrets").iterdir()):
        assert path.stat().st_mode & 0o077 == 0, path


def test_it_listens_on_loopback_alone(stack: Checkout) -> None:
    for name in (
        "PROMETHEUS_PORT",
        "ALERTMANAGER_PORT",
        "NODE_EXPORTER_PORT",
        "BLACKBOX_EXPORTER_PORT",
        "INCIDENTS_PORT",
        "SPEND_PORT",
        "COLLECT_PORT",
        *EMBEDDED,
    ):
        hexadecimal = f"{stack.ports[name]:04X}"
        with open("/proc/net/tcp") as tcp, open("/proc/net/tcp6") as tcp6:  # noqa: PTH123  # no files
            listening = [line.split()[1] for line in (*tcp, *tcp6) if line.split()[3] == "0A"]
        (address,) = [address for address in listening if address.endswith(f":{hexadecimal}")]
        assert address.partition(":")[0] in LOOPBACK, name


def test_a_record_from_anywhere_is_counted_booked_audited_and_told(stack: Checkout) -> None:
    record = {
        "request_id": "r1",
        "provider": "openai",
        "model": "gpt-4o",
        "input_tokens": 1_000_000,
        "team": "coaching",
        "prompt": "Tell Mr Hidden all.",
        "user": "ada@example.org",
    }
    address = f"http://127.0.0.1:{stack.ports['COLLECT_PORT']}/v1/records"
    assert send_json("POST", address, record) == {"accepted": 1, "lost": 0}

    def known(query: str) -> Any:
        found = get_json(f"http://127.0.0.1:{stack.ports['PROMETHEUS_PORT']}/api/v1/query", query=query)
        return found["data"]["result"]

    eventually("it is counted", lambda: known('llm_requests_total{service="collect"} == 1'), 60)
    eventually("the budget knows it", lambda: known('ai_budget_spent{name="coaching", period="day"} > 0'), 60)
    command = stack.begin(str(environment.python(stack.root)), "-m", "ai_monitoring.cli", "audit", "show", "--json")
    audited = command.communicate(timeout=60)[0]
    assert '"action": "assessed"' in audited
    line = '{service_name="collect"} | request_id="r1"'
    loki = f"http://127.0.0.1:{stack.ports['LOKI_PORT']}/loki/api/v1/query_range"
    told = eventually("its line is there", lambda: get_json(loki, query=line)["data"]["result"], 60)
    assert not re.search("Hidden|ada@", f"{told}{audited}{stack.log('collect')}")


def test_a_declared_service_is_taken_up_and_its_end_reaches_the_webhook(stack: Checkout) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    targets = stack.root / "prometheus" / "targets" / "toy.yml"
    targets.write_text(f"- targets: ['127.0.0.1:{port}']\n  labels: {{service: toy}}\n", encoding="utf-8")
    try:
        with service(port):
            eventually(
                "toy is up", lambda: [s for s in stack.status()["services"] if s["service"] == "toy" and s["up"]], 60
            )
            assert "toy" in stack.run("status").stdout
        eventually(
            "its end is told",
            lambda: '"alert": "ServiceDown", "alert_severity": "critical", "service": "toy"' in stack.log("incidents"),
            150,
        )
        assert "ServiceDown" in stack.run("status").stdout
    finally:
        targets.unlink()


def test_a_killed_part_is_restarted_and_said_so(stack: Checkout) -> None:
    before = stack.pids()["node-exporter"]
    os.kill(before, signal.SIGKILL)

    def restarted() -> bool:
        part = next(part for part in stack.status()["parts"] if part["name"] == "node-exporter")
        return bool(part["healthy"] and part["pid"] != before and part["restarts"] == 1)

    eventually("node-exporter is back", restarted, 20)
    assert "restarted 1x" in stack.run("status").stdout
    assert "SIGKILL" in stack.run("status").stdout


def test_a_second_start_changes_nothing_that_runs(stack: Checkout) -> None:
    before = stack.pids()
    again = stack.run()
    assert again.returncode == 0, again.stderr
    assert stack.pids() == before


def test_an_edited_threshold_is_taken_up_by_the_next_start(stack: Checkout) -> None:
    before = stack.pids()
    stack.edit("prometheus/rules/thresholds.yml", r"expr: 0\.5\b", "expr: 0.45")
    again = stack.run()
    assert again.returncode == 0, again.stderr
    assert "prometheus: its files have changed" in again.stdout
    assert stack.pids() == before


def test_a_broken_file_is_named_and_what_runs_stays(stack: Checkout) -> None:
    before = stack.pids()
    broken = stack.root / "prometheus" / "rules" / "broken.yml"
    broken.write_text(
        "groups:\n  - name: broken\n    rules:\n      - alert: Broken\n        expr: up ==\n", encoding="utf-8"
    )
    try:
        refused = stack.run()
        assert refused.returncode == 1
        assert "prometheus/rules/broken.yml" in refused.stderr
        assert stack.pids() == before
    finally:
        broken.unlink()


@pytest.mark.parametrize(
    ("file", "text", "complaint"),
    [
        ("alertmanager/templates/mine.tmpl", '{{ define "mine" }}\n{{ nosuch }}{{ end }}\n', "mine.tmpl:2: function"),
        (
            "alertmanager/templates/zz.tmpl",
            '{{ define "ai_monitoring.since" }}\n\n{{ .Nosuch }}{{ end }}\n',
            "zz.tmpl:3:3: executing",
        ),
        (".env", "SMTP_PORT=mail\n", "SMTP_PORT: this is no port"),
        (".env", "SLACK_WEBHOOK_URL_DATA=https://x/y\n", "SLACK_WEBHOOK_URL_DATA: there is no such channel"),
        (
            "prometheus/rules/thresholds.yml",
            "groups:\n- name: mine\n  rules:\n  - record: threshold:x\n    expr: zero\n",
            "prometheus/rules/thresholds.yml line 5: zero is no number",
        ),
    ],
)
def test_a_message_or_channel_that_cannot_work_is_named_and_what_runs_stays(
    stack: Checkout, file: str, text: str, complaint: str
) -> None:
    before, path = stack.pids(), stack.root / file
    original = path.read_text(encoding="utf-8") if path.exists() else None
    # In `.env`, behind the ports.
    path.write_text(f"{original}{text}" if file == ".env" else text, encoding="utf-8")
    try:
        refused = stack.run()
        assert refused.returncode == 1
        assert complaint in refused.stderr
        assert stack.pids() == before
    finally:
        path.unlink() if original is None else path.write_text(original, encoding="utf-8")


def test_it_outlives_the_terminal_that_started_it(stack: Checkout) -> None:
    supervisor = int((stack.root / ".runtime" / "supervisor.pid").read_text())
    assert os.getsid(supervisor) == supervisor, "a session of its own, which no terminal's end reaches"


def test_it_stops_starts_again_and_leaves_nothing() -> None:
    with checkout("stack") as copy:
        with socket.create_server(("127.0.0.1", copy.ports["ALERTMANAGER_PORT"])):
            refused = copy.run()
        assert refused.returncode == 1
        assert f"Port {copy.ports['ALERTMANAGER_PORT']}, which Alertmanager needs, is in use" in refused.stderr
        assert copy.processes() == []
        assert copy.run("status").returncode == 3

        assert copy.run().returncode == 0
        os.kill(int((copy.root / ".runtime" / "supervisor.pid").read_text()), signal.SIGKILL)
        assert "still run" in copy.run("status").stdout
        assert copy.run().returncode == 0, "what outlived its supervisor does not stand in the way"
        assert copy.status()["healthy"]

        stopped = copy.run("stop")
        assert stopped.returncode == 0
        assert "prometheus" in stopped.stdout
        assert copy.processes() == []
        assert copy.run("stop", "--purge").returncode == 1, "without a terminal it wants --yes"
        assert copy.run("stop", "--purge", "--yes").returncode == 0
        assert not (copy.root / ".runtime").exists()
