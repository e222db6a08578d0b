"""The Docker engine: what it asks of Compose, in which order, and what it does where something fails."""

import io
import re
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from docker_client import DockerClient

from ai_monitoring.stack import containers
from ai_monitoring.stack.containers import DockerEngine
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.settings import Settings
from ai_monitoring.stack.terminal import Terminal

MakeContainer = Callable[..., dict[str, Any]]
MakeEngine = Callable[..., DockerEngine]

# As in the Compose file, but in no useful order: image, whether of our making, profile.
FILE: dict[str, tuple[str, bool, list[str]]] = {
    "traffic": ("ai-monitoring/traffic", True, ["demo"]),
    "mine": ("example/mine:1", False, []),
    "loki": ("grafana/loki:3.7.6", False, []),
    "django": ("ai-monitoring/django", True, ["demo"]),
    "incidents": ("ai-monitoring/incidents", True, []),
    "alertmanager": ("prom/alertmanager:v0.33.1", False, []),
    "socket-proxy": ("haproxy:3.2.26-alpine", False, []),
    "blackbox-exporter": ("prom/blackbox-exporter:v0.28.0", False, []),
    "prometheus": ("prom/prometheus:v3.14.0", False, []),
    "setup": ("ai-monitoring/setup", True, []),
}
WATCH = ["setup", "prometheus", "alertmanager", "incidents", "blackbox-exporter", "socket-proxy", "loki", "mine"]
DEMO = [*WATCH[:-1], "django", "traffic", "mine"]
ONCE = ("setup",)


@pytest.fixture
def output() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def engine(
    project: Path, docker: DockerClient, configured: Callable[[str], Settings], output: io.StringIO, free_port: int
) -> MakeEngine:
    """The engine of a project whose Compose file has these services, with this `.env`; Prometheus on a free port."""
    built: dict[str, Any] = {"build": {"args": {"PYTHON_IMAGE": "python:3.13"}}}
    services: dict[str, Any] = {
        name: {"image": image, "profiles": profiles, **(built if own else {})}
        for name, (image, own, profiles) in FILE.items()
    }
    services["prometheus"]["ports"] = [{"target": 9090, "published": str(free_port), "host_ip": "127.0.0.1"}]
    docker.services(services)
    return lambda env="": DockerEngine(configured(env), Terminal(output))


@pytest.fixture
def up(container: MakeContainer) -> Callable[..., list[dict[str, Any]]]:
    """Containers of these services, all well, but for those of which something else is said."""

    def make(names: list[str], **but: dict[str, Any]) -> list[dict[str, Any]]:
        done = {"Status": "exited", "health": ""}
        return [container(name, **but.get(name, done if name in ONCE else {})) for name in names]

    return make


Up = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def started(engine: MakeEngine, docker: DockerClient, up: Up) -> DockerEngine:
    """An engine whose stack runs, with the demo."""
    docker.brings_up(*up(DEMO))
    on = engine()
    on.start(demo=True)
    return on


def names(parts: list[Any]) -> list[str]:
    return [part.name for part in parts]


def test_plan_is_in_the_order_of_the_house_with_a_users_own_last(engine: MakeEngine) -> None:
    assert names(engine().plan(demo=True)) == DEMO
    assert names(engine().plan(demo=False)) == WATCH


def test_plan_leaves_out(engine: MakeEngine) -> None:
    assert names(engine("LEAVE_OUT=loki, socket-proxy\n").plan(demo=False)) == [
        name for name in WATCH if name not in ("loki", "socket-proxy")
    ]


def test_plan_has_titles_ports_and_where_the_password_is(
    engine: MakeEngine, docker: DockerClient, free_port: int
) -> None:
    on = engine()
    prometheus, mine = on.plan(demo=False)[1], on.plan(demo=False)[-1]
    assert (prometheus.title, prometheus.address) == ("Prometheus", f"http://127.0.0.1:{free_port}")
    assert (mine.title, mine.address, mine.note) == ("mine", "", "")
    ports = [{"target": 4317, "published": "14317"}, {"target": 8889, "published": "18889"}]
    docker.services({"grafana": {"image": "g"}, "otel-collector": {"image": "o", "ports": ports}})
    collector, grafana = on.plan(demo=False)
    assert (collector.port, collector.ready) == (18889, "/metrics")
    assert grafana.note == "user admin, password in .runtime/secrets/grafana_admin_password"


def test_start(engine: MakeEngine, docker: DockerClient, up: Up, output: io.StringIO) -> None:
    docker.brings_up(*up(WATCH))
    on = engine()
    assert not on.running()
    assert names(on.start(demo=False)) == WATCH
    assert on.running()
    assert docker.asked("up") == [f"up --detach --no-build --remove-orphans {' '.join(WATCH)}"]
    assert docker.asked("build") == ["build --quiet setup incidents"]
    assert docker.asked("pull") == docker.asked("rm") == docker.asked("down") == []
    assert [line.split(maxsplit=1)[1].partition(" (")[0] for line in output.getvalue().splitlines()][:2] == [
        "Building our images",
        "Configuration: prometheus.yml with "
        f"{len(list((on.settings.root / 'prometheus' / 'rules').glob('*.yml')))} rule files, "
        "alertmanager.yml, its messages and blackbox.yml are valid",
    ]


def test_start_builds_before_it_checks_and_checks_before_it_brings_up(
    started: DockerEngine, docker: DockerClient
) -> None:
    every = [line for line in docker.asked() if line.split()[0] in ("build", "run", "up")]
    assert [line.split()[0] for line in every] == ["build", *5 * ["run"], "up"]


def test_what_is_left_out_is_waited_for_by_nobody(engine: MakeEngine, docker: DockerClient, up: Up) -> None:
    wanted = [name for name in WATCH if name != "loki"]
    docker.brings_up(*up(wanted))
    engine("LEAVE_OUT=loki\n").start(demo=False)
    assert docker.asked("up") == [f"up --detach --no-build --remove-orphans --no-deps {' '.join(wanted)}"]


def test_image_that_is_not_here_is_fetched_and_one_that_cannot_be_had_is_named(
    engine: MakeEngine, docker: DockerClient, up: Up, output: io.StringIO
) -> None:
    docker.brings_up(*up(WATCH))
    docker.answers("image inspect * grafana/loki:3.7.6", status=1)
    engine().start(demo=False)
    assert docker.asked("pull") == ["pull --quiet grafana/loki:3.7.6"]
    assert "ok      Fetching grafana/loki:3.7.6" in output.getvalue()
    docker.runs()
    docker.answers("pull *", error="Error response from daemon: manifest unknown", status=1)
    with pytest.raises(StackError) as caught:
        engine().start(demo=False)
    problem = "grafana/loki:3.7.6 cannot be had:\n  Error response from daemon: manifest unknown"
    assert caught.value.problem == problem


def test_message_that_cannot_be_made_stops_the_start(engine: MakeEngine, docker: DockerClient) -> None:
    docker.answers("run * template render *", error="amtool: error: template: slack.tmpl:12:5: executing", status=1)
    with pytest.raises(StackError, match=r"(?s)^alertmanager/templates, .* is not valid:.*slack\.tmpl:12:5"):
        engine().start(demo=False)
    assert docker.asked("up") == []


def test_file_that_its_program_refuses_stops_the_start(engine: MakeEngine, docker: DockerClient) -> None:
    docker.answers("run * /bin/amtool *", error="amtool: error: failed to validate alertmanager.yml", status=1)
    on = engine()
    with pytest.raises(StackError, match=r"^alertmanager/alertmanager\.yml, or a file that it reads, is not valid:"):
        on.start(demo=False)
    assert docker.asked("up") == []
    mounted = f"{on.settings.root}/alertmanager:/check:ro"
    assert docker.asked("/bin/amtool") == [
        f"run --rm --network none -v {mounted} -w /check --entrypoint /bin/amtool prom/alertmanager:v0.33.1 "
        "check-config alertmanager.yml"
    ]


def test_channels_that_reach_nobody_stop_the_start(engine: MakeEngine, docker: DockerClient) -> None:
    with pytest.raises(StackError, match="SMTP_HOST is set and ALERT_EMAIL_TO is not"):
        engine("SMTP_HOST=mail.example.org\n").start(demo=False)
    assert docker.asked("up") == []


def test_threshold_that_is_no_number_stops_the_start(engine: MakeEngine, docker: DockerClient, project: Path) -> None:
    file = project / "prometheus" / "rules" / "thresholds.yml"
    file.write_text(file.read_text(encoding="utf-8").replace("expr: 0.5\n", "expr: zero\n", 1), encoding="utf-8")
    with pytest.raises(StackError, match=r"thresholds\.yml line \d+: zero is no number"):
        engine().start(demo=False)
    assert docker.asked("up") == []


@pytest.mark.parametrize(
    ("state", "why"),
    [
        ({"Status": "exited", "ExitCode": 3}, "Loki ended with exit status 3."),
        ({"health": "unhealthy"}, "Loki is not healthy after 0 s."),
        (
            {"Status": "exited", "ExitCode": 137, "OOMKilled": True},
            "Loki was killed: it needs more memory than its limit.",
        ),
    ],
)
def test_container_that_fails_is_told_with_its_last_lines_and_nothing_is_left(
    engine: MakeEngine, docker: DockerClient, up: Up, output: io.StringIO, state: dict[str, Any], why: str
) -> None:
    docker.brings_up(*up(WATCH, loki=state))
    docker.answers("compose * logs --no-log-prefix --tail 6 loki", "level=error msg=broken")
    with pytest.raises(StackError) as caught:
        engine().start(demo=False)
    assert caught.value.problem == f"{why} Its last words:\n  level=error msg=broken"
    assert docker.asked("down") == ["down --remove-orphans"]
    assert "failed  Loki (" in output.getvalue()
    assert "ok      Prometheus: http://127.0.0.1:" in output.getvalue()


def test_container_that_keeps_ending_is_given_up(
    engine: MakeEngine, docker: DockerClient, up: Up, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(containers, "_CRASHES_SHOWN_AFTER", 0)
    docker.brings_up(*up(WATCH, loki={"Status": "restarting", "restarts": 2, "ExitCode": 1}))
    with pytest.raises(StackError, match="Loki keeps ending"):
        engine().start(demo=False)


def test_waiting_for_health_has_an_end(
    engine: MakeEngine, docker: DockerClient, up: Up, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(containers, "HEALTHY_WITHIN", 0)
    docker.brings_up(*up(WATCH, prometheus={"health": "starting"}))
    docker.runs(*up(["setup"]))
    with pytest.raises(StackError, match=r"Prometheus is not (healthy|there) after 0 s"):
        engine().start(demo=False)


def test_waiting_for_a_container_has_an_end_though_compose_goes_on(
    engine: MakeEngine, docker: DockerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(containers, "HEALTHY_WITHIN", 1)
    docker.brings_up(error="waiting for nothing", does="exec sleep 60")
    with pytest.raises(StackError) as caught:
        engine().start(demo=False)
    assert caught.value.problem == "Secrets and channels is not there after 1 s. Its last words:\n  waiting for nothing"


@pytest.mark.parametrize("left", ["no container", "one that never ran"])
def test_what_compose_cannot_start_is_told_in_its_words(
    engine: MakeEngine, docker: DockerClient, up: Up, left: str
) -> None:
    error = "Error response from daemon: error mounting /nowhere: no such file"
    there = WATCH[: 4 if left == "no container" else 5]
    created = {"Status": "created", "health": ""}
    docker.brings_up(*up(there, **{"blackbox-exporter": created}), error=error, status=1)
    with pytest.raises(StackError) as caught:
        engine().start(demo=False)
    assert caught.value.problem == f"Blackbox exporter could not be started. Its last words:\n  {error}"


def test_part_that_compose_gave_up_on_is_not_told_in_place_of_the_one_that_failed(
    engine: MakeEngine, docker: DockerClient, up: Up
) -> None:
    states = {"prometheus": {"Status": "created", "health": ""}, "loki": {"health": "unhealthy"}}
    docker.brings_up(*up(WATCH, **states), error="dependency failed to start: loki is unhealthy", status=1)
    docker.answers("compose * logs --no-log-prefix --tail 6 loki", "level=error msg=broken")
    with pytest.raises(StackError) as caught:
        engine().start(demo=False)
    assert re.fullmatch(
        r"Loki is not healthy after \d s\. Its last words:\n  level=error msg=broken", caught.value.problem
    )


def test_later_start_that_fails_leaves_what_ran(
    started: DockerEngine, engine: MakeEngine, docker: DockerClient, up: Up
) -> None:
    docker.runs(*up(WATCH[:-1]))
    docker.brings_up(*up(WATCH, mine={"Status": "exited", "ExitCode": 1}))
    with pytest.raises(StackError, match="mine ended with exit status 1"):
        engine().start(demo=False)
    assert docker.asked("rm") == ["rm --force --stop setup mine"]
    assert docker.asked("down") == []


def test_interrupted_start_leaves_nothing(
    engine: MakeEngine, docker: DockerClient, up: Up, monkeypatch: pytest.MonkeyPatch
) -> None:
    docker.brings_up(*up(WATCH, loki={"health": "starting"}))

    def ctrl_c(_: float) -> None:
        raise KeyboardInterrupt

    # While it waits: a signal that a timer sends can also come where Python has nobody to give it to.
    monkeypatch.setattr(containers, "time", SimpleNamespace(monotonic=time.monotonic, sleep=ctrl_c))
    with pytest.raises(KeyboardInterrupt):
        engine().start(demo=False)
    assert docker.asked("down") == ["down --remove-orphans"]


def test_port_that_another_program_holds_is_refused(engine: MakeEngine, docker: DockerClient, serve: Any) -> None:
    port = serve({})
    ports = [{"target": 3100, "published": str(port)}]
    docker.services({"loki": {"image": "l", "ports": ports}})
    on = engine()
    with pytest.raises(StackError, match=f"Port {port}, which Loki needs, is in use"):
        on.start(demo=False)
    assert docker.asked("up") == []


def test_start_without_demo_leaves_a_running_demo(started: DockerEngine, docker: DockerClient) -> None:
    assert names(started.start(demo=False)) == DEMO


@pytest.mark.parametrize(
    ("file", "service", "expected"),
    [
        ("prometheus/rules/thresholds.yml", "prometheus", "kill -s HUP prometheus"),
        ("prometheus/prometheus.yml", "prometheus", "kill -s HUP prometheus"),
        ("alertmanager/alertmanager.yml", "alertmanager", "kill -s HUP alertmanager"),
        ("alertmanager/templates/slack.tmpl", "alertmanager", "kill -s HUP alertmanager"),
        (".env", "alertmanager", "kill -s HUP alertmanager"),
        ("blackbox/blackbox.yml", "blackbox-exporter", "kill -s HUP blackbox-exporter"),
        ("loki/loki.yml", "loki", "restart loki"),
        ("haproxy/haproxy.cfg", "socket-proxy", "restart socket-proxy"),
        ("prometheus/targets/mine.yml", "", ""),
    ],
)
def test_changed_files_are_taken_up(
    started: DockerEngine, docker: DockerClient, output: io.StringIO, file: str, service: str, expected: str
) -> None:
    changed = started.settings.root / file
    changed.parent.mkdir(exist_ok=True)
    with changed.open("a", encoding="utf-8") as stream:
        stream.write("# changed\n")
    started.start(demo=True)
    told = [f"        {service}: its files have changed, it reads them again"] if service else []
    assert [line for line in output.getvalue().splitlines() if line.endswith("again")] == told
    assert docker.asked("kill") + docker.asked("restart") == ([expected] if expected else [])
    # It has been taken up: the next start finds nothing to do.
    started.start(demo=True)
    assert len(docker.asked("kill") + docker.asked("restart")) == (1 if expected else 0)


def test_container_that_is_new_has_read_its_files(started: DockerEngine, docker: DockerClient, up: Up) -> None:
    others = up(DEMO)
    others[DEMO.index("loki")]["Id"] = "id-of-a-new-loki"
    docker.brings_up(*others)
    (started.settings.root / "loki").mkdir()
    (started.settings.root / "loki" / "loki.yml").write_text("changed\n", encoding="utf-8")
    started.start(demo=True)
    assert docker.asked("restart") == []


def test_status(started: DockerEngine, docker: DockerClient, up: Up, free_port: int) -> None:
    docker.runs(*up(DEMO, loki={"health": "unhealthy", "restarts": 4}))
    parts = {part.name: part for part in started.parts()}
    # What has done its work is nothing to look at.
    assert list(parts) == DEMO[1:]
    assert (parts["loki"].healthy, parts["loki"].restarts, parts["loki"].state) == (False, 4, "running")
    prometheus = parts["prometheus"]
    assert (prometheus.healthy, prometheus.pid, prometheus.title) == (True, 16779, "Prometheus")
    assert prometheus.address == f"http://127.0.0.1:{free_port}"
    assert prometheus.uptime_seconds > 0
    assert started.problems() == []


def test_status_of_what_the_file_no_longer_has(started: DockerEngine, docker: DockerClient) -> None:
    docker.services({})
    assert names(started.parts())[-1] == "mine"


@pytest.mark.parametrize(("answers", "expected"), [({"/metrics": (200, "")}, True), ({}, False)])
def test_collector_is_asked_from_outside(
    engine: MakeEngine, docker: DockerClient, up: Up, serve: Any, answers: Any, expected: bool
) -> None:
    on = engine()
    ports = [{"target": 8889, "published": str(serve(answers))}]
    docker.services({"otel-collector": {"image": "o", "ports": ports}})
    docker.runs(*up(["otel-collector"], **{"otel-collector": {"health": ""}}))
    [collector] = on.parts()
    assert collector.healthy is expected


def test_stop(started: DockerEngine, docker: DockerClient) -> None:
    declared = started.settings.root / "prometheus" / "targets" / "demo.yml"
    declared.touch()
    assert started.stop() == DEMO
    assert docker.asked("down") == ["down --remove-orphans"]
    assert not declared.exists()


def test_purge(started: DockerEngine, docker: DockerClient) -> None:
    started.stop(purge=True)
    assert docker.asked("down") == ["down --remove-orphans --volumes --rmi local"]


def test_log(started: DockerEngine, docker: DockerClient) -> None:
    docker.answers("compose * logs --no-log-prefix --tail 2 loki", "one\ntwo")
    assert list(started.log("loki", 2, follow=False)) == ["one", "two"]
    docker.answers("compose * logs --no-log-prefix --tail 2 -f loki", "one\ntwo\nthree")
    assert list(started.log("loki", 2, follow=True)) == ["one", "two", "three"]


def test_log_of_nothing(engine: MakeEngine, started: DockerEngine, docker: DockerClient) -> None:
    with pytest.raises(StackError, match=r"^There is no log of 'lokki'\. There are: setup, prometheus, "):
        list(started.log("lokki", 2, follow=False))
    docker.runs()
    with pytest.raises(StackError, match=r"Start it: python3 start_monitoring\.py$"):
        list(engine().log("loki", 2, follow=False))
