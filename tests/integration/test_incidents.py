"""Killed with `kill -9`: Alertmanager, one of two in a cluster, the incident log itself; real parts of both releases.

Every incident is told to people at least once, and is in the incident log exactly once.
"""

import json
import re
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from backends import running
from inboxes import Webhooks, mailbox, webhooks
from programs import CACHE, SUITES
from test_notifications import programs_of, project
from waiting import free_ports, until

from ai_monitoring.stack import parts, runtime
from ai_monitoring.stack.http import get_json
from ai_monitoring.stack.settings import Settings

KILLS = 10
SENDERS = 3
HOST = "127.0.0.1"


@dataclass(frozen=True)
class Alerts:
    """What Prometheus would say, to every Alertmanager: an alert of the service has fired at `started`, or is over."""

    ports: tuple[int, ...]
    started: datetime

    def fire(self, *services: str) -> None:
        self._tell([_alert(service, self.started) for service in services])

    def end(self, service: str) -> None:
        self._tell([_alert(service, self.started) | {"endsAt": datetime.now(UTC).isoformat()}])

    def _tell(self, alerts: list[dict[str, Any]]) -> None:
        """An Alertmanager that is not there is told nothing."""
        for port in self.ports:
            try:
                _post(f"http://{HOST}:{port}/api/v2/alerts", alerts)
            except ConnectionError:
                continue


def _alert(service: str, started: datetime) -> dict[str, Any]:
    labels = {"alertname": "Gone", "service": service, "severity": "critical"}
    return {"labels": labels, "annotations": {"summary": f"{service} is gone"}, "startsAt": started.isoformat()}


def _post(address: str, content: Any) -> None:
    request = urllib.request.Request(address, json.dumps(content).encode(), {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            assert answer.status == 200
    except urllib.error.URLError as error:
        if isinstance(error.reason, ConnectionError):
            raise error.reason from error
        raise


@dataclass(frozen=True)
class Watch:
    """Parts of one release as the launcher starts them, each to be started, killed and started again."""

    suite: str
    settings: Settings
    slack: Webhooks

    @property
    def log(self) -> str:
        """The incident log's address."""
        return f"http://{HOST}:{self.settings.ports['INCIDENTS_PORT']}"

    def incidents(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = get_json(f"{self.log}/api/incidents", limit="10000")["incidents"]
        return found

    def logged(self) -> Counter[str]:
        """How many incidents each service has in the log."""
        return Counter(incident["service"] for incident in self.incidents())

    def told(self, service: str, word: str = "CRITICAL") -> list[Any]:
        """Slack's messages about that service."""
        return self.slack.at(f"/{self.suite}/critical/s3cret", f"[{word}] {service} Gone")

    @contextmanager
    def alertmanager(self) -> Iterator["subprocess.Popen[bytes]"]:
        """The one that the launcher starts."""
        planned = parts.watch(self.settings, programs_of(self.suite))
        (part,) = [part for part in planned if part.name == "alertmanager"]
        port = self.settings.ports["ALERTMANAGER_PORT"]
        with started(list(part.command), port) as process:
            yield process

    def incident_log(self) -> AbstractContextManager["subprocess.Popen[bytes]"]:
        return incident_log(self.settings.root / "incidents" / "incidents.db", self.settings.ports["INCIDENTS_PORT"])

    @contextmanager
    def member(self, own: int, other: int, port: int) -> Iterator["subprocess.Popen[bytes]"]:
        """One Alertmanager of a cluster of two, its gossip at `own`, its API at `port`."""
        command = [
            str(programs_of(self.suite)["alertmanager"]),
            f"--config.file={self.settings.runtime / 'alertmanager' / 'alertmanager.yml'}",
            f"--storage.path={self.settings.runtime / 'data' / f'alertmanager-{port}'}",
            f"--web.listen-address={HOST}:{port}",
            f"--cluster.listen-address={HOST}:{own}",
            f"--cluster.advertise-address={HOST}:{own}",
            f"--cluster.peer={HOST}:{other}",
            "--cluster.peer-timeout=5s",
        ]
        with started(command, port) as process:
            yield process


@pytest.fixture(params=SUITES)
def watch(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Watch]:
    """The files as the launcher renders them; only Alertmanager's waits between two messages of a group are shorter."""
    with webhooks() as slack, mailbox() as mail:
        settings = project(tmp_path, slack, mail, request.param, {})
        (port,) = free_ports(1)
        settings = replace(settings, ports={**settings.ports, "INCIDENTS_PORT": port})
        runtime.prepare(settings)
        runtime.put_in_place(settings, runtime.stage(settings), demo=False)
        file = settings.runtime / "alertmanager" / "alertmanager.yml"
        text, changed = re.subn(r"group_interval: \w+", "group_interval: 3s", file.read_text(encoding="utf-8"))
        assert changed
        file.write_text(text, encoding="utf-8")
        yield Watch(request.param, settings, slack)


@contextmanager
def started(alertmanager: list[str], port: int) -> Iterator["subprocess.Popen[bytes]"]:
    """An Alertmanager, once it is ready. Its log stays where a test has failed."""
    log = CACHE / f"incidents-{port}.log"
    with running(alertmanager, log, f"http://{HOST}:{port}/-/ready") as process:
        yield process
    log.unlink(missing_ok=True)


@contextmanager
def incident_log(database: Path, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    """The incident log's process over that file."""
    command = [sys.executable, "-m", "ai_monitoring.incidents", str(port), str(database)]
    with running(command, database.parents[1] / "incidents.log", f"http://{HOST}:{port}/health") as process:
        yield process


def stop(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.wait()


def assert_each_once(watch: Watch, *services: str) -> None:
    """Each is one incident, and nothing of it is there twice."""
    assert watch.logged() == dict.fromkeys(services, 1)
    for incident in watch.incidents():
        happened = Counter((event["event"], event["by"]) for event in incident["events"])
        assert happened["opened", ""] == 1, incident
        assert set(happened.values()) == {1}, incident


def test_alertmanager_is_killed_amid_an_incident(watch: Watch) -> None:
    port = watch.settings.ports["ALERTMANAGER_PORT"]
    alerts = Alerts((port,), datetime.now(UTC))
    with watch.incident_log():
        with watch.alertmanager() as process:
            alerts.fire("shop")
            until(lambda: watch.told("shop") and watch.logged()["shop"])
            alerts.fire("late")
            stop(process)
        alerts.fire("unheard")
        with watch.alertmanager():
            # Prometheus repeats what fires, each minute.
            alerts.fire("shop", "late", "unheard")
            until(lambda: all(watch.told(service) for service in ("shop", "late", "unheard")))
            until(lambda: len(watch.logged()) == 3)
            alerts.end("shop")
            until(lambda: watch.told("shop", "RESOLVED"))
            until(lambda: {one["service"]: one["status"] for one in watch.incidents()}["shop"] == "resolved")
            # What would be told twice is told within this time.
            time.sleep(8)
        assert_each_once(watch, "shop", "late", "unheard")
        statuses = {one["service"]: one["status"] for one in watch.incidents()}
        assert statuses == {"shop": "resolved", "late": "open", "unheard": "open"}
        assert "late is gone" in page_behind(watch, watch.told("late")[0].text)


def page_behind(watch: Watch, message: str) -> str:
    """The page that a message's link opens in a browser."""
    (address,) = re.findall(rf"<({watch.log}/incidents/[0-9a-f]+)\|Incident>", message)
    with urllib.request.urlopen(urllib.request.Request(address, headers={"Accept": "text/html"}), timeout=5) as answer:
        assert re.fullmatch(rf"{watch.log}/incidents/[1-3]", answer.url)
        return str(answer.read().decode())


def test_one_of_two_alertmanagers_is_killed(watch: Watch) -> None:
    gossip, ports = free_ports(2), free_ports(2)
    alerts = Alerts(tuple(ports), datetime.now(UTC))
    with ExitStack() as stack:
        stack.enter_context(watch.incident_log())
        first = stack.enter_context(watch.member(gossip[0], gossip[1], ports[0]))
        stack.enter_context(watch.member(gossip[1], gossip[0], ports[1]))
        until(lambda: all(len(members(port)) == 2 for port in ports))

        alerts.fire("shop")
        until(lambda: watch.told("shop") and watch.logged()["shop"])
        alerts.fire("late")
        stop(first)
        alerts.fire("alone")
        until(lambda: all(watch.told(service) for service in ("late", "alone")))
        until(lambda: len(watch.logged()) == 3)

        with watch.member(gossip[0], gossip[1], ports[0]):
            until(lambda: all(len(members(port)) == 2 for port in ports))
            alerts.fire("shop", "late", "alone")
            alerts.end("shop")
            until(lambda: watch.told("shop", "RESOLVED"))
            until(lambda: {one["service"]: one["status"] for one in watch.incidents()}["shop"] == "resolved")
            # Both have had their turn within this time: the second waits 5 seconds for the first.
            time.sleep(15)
        assert_each_once(watch, "shop", "late", "alone")


def members(port: int) -> list[Any]:
    """The cluster as that Alertmanager sees it; empty until it has settled."""
    cluster = get_json(f"http://{HOST}:{port}/api/v2/status")["cluster"]
    return list(cluster["peers"]) if cluster["status"] == "ready" else []


def test_alerts_that_come_while_the_incident_log_is_dead_arrive_later(watch: Watch) -> None:
    alerts = Alerts((watch.settings.ports["ALERTMANAGER_PORT"],), datetime.now(UTC))
    services = [f"shop-{number}" for number in range(20)]
    with watch.alertmanager():
        with watch.incident_log() as process:
            alerts.fire(*services[:10])
            # The first delivery is on its way now, or has just been.
            until(lambda: watch.incidents())
            stop(process)
        alerts.fire(*services)
        until(lambda: len(watch.slack.at(f"/{watch.suite}/critical/s3cret")) >= len(services))
        with watch.incident_log():
            until(lambda: len(watch.logged()) == len(services))
            time.sleep(4)
            assert_each_once(watch, *services)


def test_what_the_incident_log_has_taken_survives_its_kill(tmp_path: Path) -> None:
    """Ten times, amid deliveries: whatever it answered 200 for is there, once."""
    database, numbers = tmp_path / "incidents" / "incidents.db", count()
    taken: set[str] = set()
    (port,) = free_ports(1)
    address = f"http://{HOST}:{port}"
    for run in range(KILLS):
        before = len(taken)
        with incident_log(database, port) as process:
            senders = [threading.Thread(target=deliver, args=(address, numbers, taken)) for _ in range(SENDERS)]
            for sender in senders:
                sender.start()
            until(lambda: len(taken) > before, 20)  # noqa: B023
            time.sleep(0.02 * run)
            stop(process)
            for sender in senders:
                sender.join()
    with incident_log(database, port):
        incidents = get_json(f"{address}/api/incidents", limit="10000")["incidents"]
    found = Counter(incident["fingerprint"] for incident in incidents)
    assert len(taken) >= KILLS
    assert taken <= found.keys()
    assert set(found.values()) == {1}
    assert all([event["event"] for event in incident["events"]] == ["opened"] for incident in incidents)


def deliver(address: str, numbers: "count[int]", taken: set[str]) -> None:
    """Alertmanager's deliveries, each told again until it is taken or the receiver is gone."""
    while True:
        name = f"{next(numbers):016x}"
        alert = _alert("shop", datetime(2026, 11, 26, tzinfo=UTC)) | {"status": "firing", "fingerprint": name}
        try:
            for _ in range(2):  # as two Alertmanagers do
                _post(f"{address}/alertmanager", {"version": "4", "alerts": [alert]})
        except OSError:
            return
        taken.add(name)
