"""The Compose stack on a real engine: one stack, one story."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from boards import UNANSWERED, panel_queries
from checkout import eventually, hasten_slo
from compose_stack import OWNER, ComposeStack
from incident_story import deploy, go_through_an_incident

from ai_monitoring.stack import docker_checks
from ai_monitoring.stack.settings import DEFAULT_PORTS

SLACK = """
from http.server import BaseHTTPRequestHandler, HTTPServer
class Slack(BaseHTTPRequestHandler):
    def do_POST(self):
        print(self.rfile.read(int(self.headers["Content-Length"])).decode(), flush=True)
        self.send_response(200); self.end_headers(); self.wfile.write(b"ok")
    def log_message(self, *_): pass
HTTPServer(("0.0.0.0", 8080), Slack).serve_forever()
"""
RECORD = """
from ai_monitoring import AIRequest, MetricsCollector, load_config
with_consent = {"user": "erna", "consent": True, "purpose": "coaching"}
collector = MetricsCollector(load_config())
collector.start()
collector.record(AIRequest(request_id="of-erna", provider="openai", model="gpt-4o", prompt="Hello", response="Good day",
                           input_tokens=1, output_tokens=2, latency_ms=5.0, **with_consent))
collector.stop()
"""
# As root without a capability: each reads files of root's as their owner.
ROOTS = {"otel-collector", "socket-proxy"}
ONE_SHOT = {"setup", "demo-targets"}


@pytest.fixture(scope="module")
def started(stack: ComposeStack, note: list[str]) -> ComposeStack:
    """The launcher's first start, with a Slack webhook in `.env`."""
    hasten_slo(stack.root)
    stack.write_env(SLACK_WEBHOOK_URL="http://slack:8080/services/hidden-from-all")
    first = stack.run("--engine", "docker")
    assert first.returncode == 0, first.stdout + first.stderr
    healthy = re.search(r"Everything is healthy after ([\d.]+) s", first.stdout)
    assert healthy, first.stdout
    built = re.search(r"Building .*\(([\d.]+) s\)", first.stdout)
    note.append(f"First start: healthy after {healthy[1]} s, of which {built[1] if built else '?'} s built images")
    return stack


@pytest.fixture(scope="module")
def slack(started: ComposeStack) -> Iterator[str]:
    """Slack's end, a container in the stack's network; its name."""
    name = f"{started.name}-slack"
    command = [
        "docker",
        "run",
        "-d",
        "--name",
        name,
        "--network",
        f"{started.name}_default",
        "--network-alias",
        "slack",
    ]
    subprocess.run([*command, "ai-monitoring/incidents", "python", "-c", SLACK], check=True, capture_output=True)
    yield name
    subprocess.run(["docker", "rm", "-f", name], check=True, capture_output=True)


@pytest.fixture
def toy(started: ComposeStack) -> Iterator[ThreadingHTTPServer]:
    """The smallest service there is, on this host's loopback, declared to Prometheus."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.end_headers()
            self.wfile.write(b"toy 1\n")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    targets = started.root / "prometheus" / "targets" / "toy.yml"
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        targets.write_text(
            f"- targets: ['127.0.0.1:{server.server_address[1]}']\n  labels: {{service: toy}}\n", encoding="utf-8"
        )
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()
    targets.unlink(missing_ok=True)


def up(stack: ComposeStack) -> dict[str, str]:
    """Each target's health, by its job."""
    targets = stack.ask("PROMETHEUS_PORT", "/api/v1/targets", state="active")["data"]["activeTargets"]
    return {target["labels"]["job"]: target["health"] for target in targets}


def test_the_launcher_brings_every_part_up_healthy(started: ComposeStack, note: list[str]) -> None:
    status = started.status()
    assert status["engine"] == "docker"
    assert all(part["healthy"] for part in status["parts"]), status["parts"]
    wanted = set(started.services()) - ONE_SHOT - set(started.left_out)
    assert {part["name"] for part in status["parts"]} == wanted
    note.append(f"Parts run: {', '.join(sorted(wanted))}")


def test_everything_that_runs_is_scraped(started: ComposeStack) -> None:
    jobs = {
        "tempo",
        "prometheus",
        "alertmanager",
        "node",
        "blackbox",
        "incidents",
        "spend",
        "collect",
        "containers",
        "grafana",
        "loki",
    }
    wanted = jobs - set(started.left_out)
    eventually("all are scraped", lambda: all(up(started).get(job) == "up" for job in wanted), 60)
    assert started.query("node_memory_MemTotal_bytes"), "the host's own, through its loopback"
    eventually("containers are counted", lambda: started.query('container_up{service="prometheus"} == 1'), 60)


def test_secrets_are_made_for_their_readers_alone(started: ComposeStack) -> None:
    password = started.root / ".runtime" / "secrets" / "grafana_admin_password"
    assert len(password.read_text(encoding="utf-8")) >= 32
    for path in (started.root / ".runtime", password.parent, password):
        assert path.stat().st_mode & 0o077 == 0
        assert path.stat().st_uid == OWNER or os.getuid() != 0
    rendered = started.execute("alertmanager", "sh", "-c", "busybox stat -c '%U %a %n' /etc/alertmanager/*").stdout
    assert "nobody 600 /etc/alertmanager/slack_webhook_url_critical" in rendered
    environment = str([container["Config"] for container in started.containers().values()])
    assert "hidden-from-all" not in environment, "a webhook is nowhere in what Docker tells of a container"


def test_no_container_can_do_more_than_it_must(started: ComposeStack) -> None:
    for name, container in started.containers().items():
        host = container["HostConfig"]
        assert host["ReadonlyRootfs"], name
        assert host["CapDrop"] == ["ALL"], name
        assert not host["CapAdd"] or name in ONE_SHOT, name
        assert not host["Privileged"], name
        assert "no-new-privileges:true" in host["SecurityOpt"], name
        assert host["Memory"] > 0, name
        assert host["PidsLimit"] > 0, name
        assert host["LogConfig"]["Config"]["max-size"], name
        sockets = [mount for mount in container["Mounts"] if mount["Source"].endswith(("docker.sock", "/socket"))]
        assert bool(sockets) == (name == "socket-proxy"), name


def test_processes_run_as_nobody_in_particular(started: ComposeStack) -> None:
    for name, container in started.containers().items():
        if container["State"]["Pid"]:
            status = Path(f"/proc/{container['State']['Pid']}/status").read_text(encoding="utf-8")
            facts = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
            assert (facts["Uid"].split()[0] == "0") == (name in ROOTS), name
            assert int(facts["CapEff"], 16) == 0, name
            assert facts["NoNewPrivs"] == "1", name


def test_it_listens_on_loopback_alone(started: ComposeStack) -> None:
    for name, container in started.containers().items():
        published = [binding for bindings in container["HostConfig"]["PortBindings"].values() for binding in bindings]
        assert all(binding["HostIp"] == "127.0.0.1" for binding in published), name
    with open("/proc/net/tcp") as tcp, open("/proc/net/tcp6") as tcp6:  # noqa: PTH123  # no files
        listening = {line.split()[1] for line in (*tcp, *tcp6) if line.split()[3] == "0A"}
    for setting in set(DEFAULT_PORTS):
        port = f":{started.ports[setting]:04X}"
        assert {address for address in listening if address.endswith(port)} <= {f"0100007F{port}"}, setting


def test_a_root_file_system_takes_no_writing(started: ComposeStack) -> None:
    for service in ("incidents", "prometheus", "alertmanager"):
        assert "Read-only file system" in started.execute(service, "sh", "-c", "echo > /etc/x").stderr


def test_a_memory_limit_holds(started: ComposeStack) -> None:
    hungry = started.execute("incidents", "python", "-c", "b'x' * (512 << 20)")
    assert hungry.returncode == 137, hungry.stderr
    assert started.status()["parts"], "and the service itself goes on"


def test_the_socket_proxy_reads_and_nothing_else(started: ComposeStack) -> None:
    ask = (
        "import http.client, sys; c = http.client.HTTPConnection('socket-proxy', 2375); "
        "c.request(sys.argv[1], sys.argv[2]); print(c.getresponse().status)"
    )

    def status(method: str, path: str) -> str:
        return started.execute("containers", "python", "-c", ask, method, path).stdout.strip()

    assert status("GET", "/containers/json") == "200"
    for method, path in (
        ("POST", "/containers/create"),
        ("DELETE", "/containers/x"),
        ("GET", "/containers/x/archive?path=/etc/shadow"),
        ("GET", "/containers/x/../../info"),
        ("GET", "/info"),
        ("GET", "/secrets"),
    ):
        assert status(method, path) == "403", path


def test_an_alert_on_a_service_of_this_host_reaches_the_webhook_and_slack(
    started: ComposeStack, slack: str, toy: ThreadingHTTPServer
) -> None:
    def state() -> list[Any]:
        return [service for service in started.status()["services"] if service["service"] == "toy"]

    eventually("toy is up, though it listens on the host's loopback", lambda: state() and state()[0]["up"], 60)
    assert state()[0]["instance"] == f"127.0.0.1:{toy.server_address[1]}"
    eventually("it is probed", lambda: started.query('probe_success{service="toy"} == 1'), 60)
    toy.shutdown()
    toy.server_close()
    firing = '"alert": "ServiceDown", "alert_severity": "critical", "service": "toy"'
    eventually("the webhook is told", lambda: firing in started.run("logs", "incidents").stdout, 180)

    def told() -> bool:
        command = ["docker", "logs", slack]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return "[CRITICAL] toy ServiceDown" in said and "toy is down" in said

    eventually("Slack is told, in the house's own words", told, 60)


def test_a_record_from_the_host_and_from_the_network_is_counted_booked_and_audited(started: ComposeStack) -> None:
    post = (
        "import json, sys, urllib.request as u; "
        "u.urlopen(u.Request(sys.argv[1] + '/v1/records', sys.argv[2].encode(), {'Content-Type': 'application/json'}))"
    )
    record = {"provider": "openai", "model": "gpt-4o", "input_tokens": 1_000_000, "team": "coaching", "user": "ada"}
    outside, inside = (json.dumps({**record, "request_id": name}) for name in ("outside", "inside"))
    address = f"http://127.0.0.1:{started.ports['COLLECT_PORT']}"
    subprocess.run([sys.executable, "-c", post, address, outside], check=True)
    sent = started.execute("incidents", "python", "-c", post, "http://collect:9096", inside)
    assert sent.returncode == 0, sent.stderr
    eventually("both are counted", lambda: started.query('llm_requests_total{service="collect"} == 2'), 60)
    eventually("the budget knows them", lambda: started.query('ai_budget_spent{name="coaching"} > 0'), 60)
    verdict = started.execute("collect", "python", "-m", "ai_monitoring.cli", "audit", "verify")
    assert "The log is whole: 2 entries." in verdict.stdout, verdict.stdout + verdict.stderr


def test_a_killed_container_comes_back(started: ComposeStack) -> None:
    before = started.containers()["blackbox-exporter"]["State"]["Pid"]
    os.kill(before, signal.SIGKILL)

    def back() -> bool:
        part = next(part for part in started.status()["parts"] if part["name"] == "blackbox-exporter")
        return bool(part["healthy"] and part["pid"] not in (0, before) and part["restarts"] == 1)

    eventually("it is back", back, 60)
    assert "restarted 1x" in started.run("status").stdout


def test_a_second_start_changes_nothing_that_runs(started: ComposeStack, note: list[str]) -> None:
    before = {name: one["Id"] for name, one in started.containers().items() if name not in ONE_SHOT}
    again = started.run()
    assert again.returncode == 0, again.stderr
    assert "it runs already" in again.stdout
    assert {name: one["Id"] for name, one in started.containers().items() if name not in ONE_SHOT} == before
    sizes = started.memory()
    note.append(f"Memory at rest: {sum(sizes.values()) / 1e6:.0f} MB in {len(sizes)} containers")


def test_a_broken_file_is_named_and_what_runs_stays(started: ComposeStack) -> None:
    broken = started.root / "prometheus" / "rules" / "broken.yml"
    broken.write_text(
        "groups:\n  - name: broken\n    rules:\n      - alert: B\n        expr: up ==\n", encoding="utf-8"
    )
    broken.chmod(0o644)
    try:
        refused = started.run()
        assert refused.returncode == 1
        assert "broken.yml" in refused.stderr
    finally:
        broken.unlink()
    assert all(part["healthy"] for part in started.status()["parts"])


def test_data_outlive_a_changed_configuration(started: ComposeStack) -> None:
    """docs/upgrade.md: stop, change, start; what was measured and silenced before is still there."""
    eventually("something is stored", lambda: started.query("count(up) > 0"), 60)
    then = str(time.time())
    # Of the watch itself: a service that an earlier test took away ends about now.
    lasting = 'up{job!~"services|probes"}'
    before = {sample["metric"]["job"] for sample in started.query(lasting, time=then)}
    assert {"prometheus", "alertmanager", "node"} <= before
    silence = started.execute(
        "alertmanager",
        "amtool",
        "--alertmanager.url=http://127.0.0.1:9093",
        "silence",
        "add",
        "alertname=Kept",
        "-c",
        "kept",
    )
    assert silence.returncode == 0, silence.stderr
    assert started.run("stop").returncode == 0
    assert started.run("status").returncode == 3
    config = started.root / "prometheus" / "prometheus.yml"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("  scrape_interval: 15s", "  scrape_interval: 10s", 1), encoding="utf-8")
    again = started.run("--engine", "docker")
    assert again.returncode == 0, again.stdout + again.stderr
    assert {sample["metric"]["job"] for sample in started.query(lasting, time=then)} == before
    silences = started.ask("ALERTMANAGER_PORT", "/api/v2/silences")
    assert [one["comment"] for one in silences] == ["kept"]
    assert "scrape_interval: 10s" in started.ask("PROMETHEUS_PORT", "/api/v1/status/config")["data"]["yaml"]


def test_a_changed_file_is_taken_up_by_the_next_start(started: ComposeStack) -> None:
    before = started.containers()["prometheus"]["Id"]
    thresholds = started.root / "prometheus" / "rules" / "thresholds.yml"
    text = thresholds.read_text(encoding="utf-8")
    thresholds.write_text(text.replace("expr: 0.5\n", "expr: 0.45\n", 1), encoding="utf-8")
    again = started.run()
    assert again.returncode == 0, again.stderr
    assert "prometheus: its files have changed" in again.stdout
    assert started.containers()["prometheus"]["Id"] == before


def test_plain_compose_brings_the_same_up_and_the_demo_answers_every_panel(started: ComposeStack) -> None:
    assert started.run("stop").returncode == 0
    # The launcher finds out where the engine has its socket and its files; by hand it is said in .env.
    started.write_env(**docker_checks.surroundings())
    services = [name for name in started.services("--profile", "demo") if name not in started.left_out]
    started.compose("--profile", "demo", "up", "-d", "--no-deps", *services)
    eventually("all is healthy", lambda: _all_well(started.containers()), 120)
    with urllib.request.urlopen(f"http://127.0.0.1:{started.ports['STREAMLIT_PORT']}/health", timeout=10) as answer:
        assert answer.status == 200
    go_through_an_incident(started.ports)
    deploy(started.ports)
    missing: list[str] = []

    def answered() -> bool:
        missing[:] = [query.label for query in _panels(started) if not started.query(query.runnable)]
        return not missing

    try:
        eventually("every panel has data", answered, 480)
    except AssertionError as error:
        raise AssertionError(f"{error}: {missing}") from None


def _all_well(containers: dict[str, Any]) -> bool:
    states = [container["State"] for container in containers.values()]
    return all(
        (state["Status"] == "exited" and state["ExitCode"] == 0)
        or (state["Status"] == "running" and state.get("Health", {}).get("Status", "healthy") == "healthy")
        for state in states
    )


def _panels(stack: ComposeStack) -> list[Any]:
    """Every query to Prometheus but those on a part that is left out, or that the demo does not answer."""
    spans = "otel-collector" in stack.left_out
    return [
        query
        for query in panel_queries("prometheus")
        if query.label not in UNANSWERED and not (spans and "traces_span_metrics" in query.expr)
    ]


def test_a_person_is_erased_where_the_demo_keeps_its_records(started: ComposeStack) -> None:
    """docs/compliance.md: the command runs beside the folder, in the volume `demo`. No user of the demo."""
    started.compose("--profile", "demo", "up", "-d", "--no-deps", "fastapi")

    def run(*words: str) -> Any:
        done = started.execute("fastapi", "python", "-m", "ai_monitoring.cli", *words, "--json")
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    recorded = started.execute("fastapi", "python", "-c", RECORD)
    assert recorded.returncode == 0, recorded.stdout + recorded.stderr
    erna = run("consent", "grant", "erna", "--purpose", "coaching")["subject"]
    entries = run("audit", "show", "--subject", "erna")["entries"]
    assert [entry["action"] for entry in entries] == ["assessed", "consent_granted"]
    receipt = run("erase", "erna", *(("--no-logs",) if "loki" in started.left_out else ("--loki", "http://loki:3100")))
    assert (receipt["status"], receipt["subject"], receipt["failed"]) == ("complete", erna, [])
    assert [part["count"] for part in receipt["gone"][:2]] == [1, 1], "the key and the consent"
    assert run("audit", "show", "--subject", "erna")["entries"] == []
    assert run("consent", "show", "erna")["said"] == []
    assert run("audit", "verify")["intact"]
    if "loki" not in started.left_out:
        assert all(erna in request["query"] for request in started.ask("LOKI_PORT", "/loki/api/v1/delete"))


def test_a_taken_port_is_named(started: ComposeStack) -> None:
    assert started.run("stop").returncode == 0
    with socket.create_server(("127.0.0.1", started.ports["ALERTMANAGER_PORT"])):
        refused = started.run("--engine", "docker")
    assert refused.returncode == 1
    assert f"Port {started.ports['ALERTMANAGER_PORT']}, which Alertmanager needs, is in use" in refused.stderr
    assert started.run("status").returncode == 3


def test_a_failing_container_is_named_with_its_last_words_and_nothing_is_left(started: ComposeStack) -> None:
    config = started.root / "haproxy" / "haproxy.cfg"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("bind :2375", "bind :port"), encoding="utf-8")
    try:
        failed = started.run("--engine", "docker")
    finally:
        config.write_text(text, encoding="utf-8")
    assert failed.returncode == 1
    assert "Docker socket proxy" in failed.stderr
    assert "bind" in failed.stderr, "its own words"
    assert started.containers() == {}
