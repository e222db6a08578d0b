"""Every service of the Compose stack is within the rules of the house. That the files are valid: test_files.py."""

import re
from itertools import product
from typing import Any

import pytest
import yaml
from watch import ROOT

from ai_monitoring.stack.containers import _TITLES
from ai_monitoring.stack.rendering import on_loopback
from ai_monitoring.stack.settings import DEFAULT_PORTS, MAY_BE_LEFT_OUT

FILE = ROOT / "docker-compose-monitoring.yml"
DOCKERFILE = ROOT / "deployment" / "docker" / "Dockerfile"
PROMETHEUS = ROOT / "prometheus" / "prometheus.yml"
COMPOSE: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DEMO = {"demo-targets", "llm-upstream", "django", "fastapi", "streamlit", "traffic"}
DOCKER_JOBS = {"grafana", "loki", "tempo", "containers"}
RUN_ONCE = {"setup", "demo-targets"}

PUBLISHED = re.compile(r"127\.0\.0\.1:\$\{(?P<name>[A-Z_]+):-(?P<default>\d+)\}:(?P<inside>\d+)")
LISTENS = re.compile(r"--web\.listen-address=127\.0\.0\.1:\$\{(?P<name>[A-Z_]+):-(?P<default>\d+)\}")
VARIABLE = re.compile(r"\$\{[A-Z_]+:-([^}]*)\}")


@pytest.mark.parametrize("name", SERVICES)
def test_service_can_write_and_gain_nothing(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert bool(service.get("cap_add")) == (name in RUN_ONCE)


@pytest.mark.parametrize("name", SERVICES)
def test_service_has_its_limits(name: str) -> None:
    service = SERVICES[name]
    assert re.fullmatch(r"\d+[mg]", service["mem_limit"])
    assert service["pids_limit"] > 0
    assert re.fullmatch(r"\d+(s|m)", service["stop_grace_period"])
    assert service["logging"]["driver"] == "json-file"
    assert {"max-size", "max-file"} <= set(service["logging"]["options"])
    assert service["restart"] == ("no" if name in RUN_ONCE else "unless-stopped")


def test_nobody_but_these_runs_as_root() -> None:
    """An image built here says its user in the Dockerfile."""
    in_file = {name for name, service in SERVICES.items() if service.get("user", "1").startswith("0")}
    built_as_root = {
        name
        for name, service in SERVICES.items()
        if "build" in service and _user_of(service["build"]["target"]) == "0:0"
    }
    assert in_file == {"socket-proxy", "otel-collector"}
    assert built_as_root == RUN_ONCE
    assert all("user" in service for service in SERVICES.values() if "build" not in service)


def test_published_ports_are_the_contracts_on_loopback() -> None:
    texts = [port for service in SERVICES.values() for port in service.get("ports", [])]
    published = [PUBLISHED.fullmatch(text) for text in texts]
    assert all(published), texts
    # On the host's network nothing is published: the node exporter listens there itself.
    listens = [LISTENS.fullmatch(word) for word in SERVICES["node-exporter"]["command"]]
    found = [match for match in (*published, *listens) if match]
    assert sorted((match["name"], int(match["default"])) for match in found) == sorted(DEFAULT_PORTS.items())
    assert all(match["default"] == match["inside"] for match in published if match)


def test_every_mention_of_a_port_has_the_same_default() -> None:
    text = FILE.read_text(encoding="utf-8")
    mentioned = set(re.findall(r"\$\{([A-Z_]+_PORT):-(\d+)\}", text))
    assert mentioned == {(name, str(port)) for name, port in DEFAULT_PORTS.items()}


def test_example_of_env_shows_the_compose_files_defaults() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    shown = dict(re.findall(r"^# ([A-Z_]+)=(.*)$", example, re.MULTILINE))
    defaults = re.findall(r"\$\{([A-Z_]+):-([^}]*)\}", FILE.read_text(encoding="utf-8"))
    # With Docker the demo sends to the Collector by the name that it has there. The ledger's example is a shared one.
    differing = {name for name, default in defaults if shown[name] != default}
    assert differing == {"OTEL_EXPORTER_OTLP_ENDPOINT", "AI_MONITORING_LEDGER"}


def test_services_on_the_hosts_network_are_known() -> None:
    assert {name for name, service in SERVICES.items() if service.get("network_mode") == "host"} == {
        "node-exporter",
        "loopback",
    }


def test_foreign_images_are_pinned_to_a_version() -> None:
    images = [service["image"] for service in SERVICES.values() if "build" not in service]
    assert [image for image in images if not re.fullmatch(r"[a-z/-]+:v?\d+\.\d+\.\d+(-[a-z]+)?", image)] == []
    assert len(images) == len(set(images))


def test_socket_proxy_alone_has_the_docker_socket() -> None:
    having = {name for name, service in SERVICES.items() if any("docker.sock" in v for v in service.get("volumes", []))}
    assert having == {"socket-proxy"}
    assert _members("socket") == {"socket-proxy", "containers"}
    assert "default" not in SERVICES["socket-proxy"]["networks"]
    assert "ports" not in SERVICES["socket-proxy"]
    assert COMPOSE["networks"]["socket"] == {"internal": True}


def test_collector_reads_the_lines_of_those_who_send_none() -> None:
    own = {name for name, service in SERVICES.items() if "labels" not in service["logging"]["options"]}
    assert own == {"otel-collector", "collect"} | DEMO - {"demo-targets"}
    labels = {service["logging"]["options"].get("labels") for service in SERVICES.values()} - {None}
    assert labels == {"com.docker.compose.project,com.docker.compose.service"}


def test_every_mount_is_there() -> None:
    sources = [volume.split(":")[0] for service in SERVICES.values() for volume in _volumes(service)]
    ours = {source for source in sources if source.startswith(".")}
    assert sorted(source for source in ours - {"./.runtime"} if not (ROOT / source).exists()) == []
    named = {source for source in sources if source[0] not in "./"}
    assert named == set(COMPOSE["volumes"])


def test_the_projects_files_are_mounted_to_be_read() -> None:
    """The setup alone writes, and only what it makes."""
    written = {
        (name, volume.split(":")[0])
        for name, service in SERVICES.items()
        for volume in _volumes(service)
        if volume[0] in "./" and not volume.endswith(":ro")
    }
    assert written == {("setup", "./.runtime"), *product(RUN_ONCE, ["./prometheus/targets"])}


def test_every_image_of_ours_has_its_target() -> None:
    targets = set(re.findall(r"^FROM \S+ AS (\S+)$", DOCKERFILE.read_text(encoding="utf-8"), re.MULTILINE))
    builds = {service["build"]["target"]: service["image"] for service in SERVICES.values() if "build" in service}
    assert set(builds) <= targets
    assert builds == {target: f"ai-monitoring/{target}" for target in builds}


def test_base_image_is_the_dockerfiles() -> None:
    (named,) = re.findall(r"^ARG PYTHON_IMAGE=(\S+)$", DOCKERFILE.read_text(encoding="utf-8"), re.MULTILINE)
    bases = {service["build"]["args"]["PYTHON_IMAGE"] for service in SERVICES.values() if "build" in service}
    assert bases == {named}


def test_profile_holds_the_demo_and_nothing_else() -> None:
    assert {name for name, service in SERVICES.items() if service.get("profiles") == ["demo"]} == DEMO
    assert {name for name, service in SERVICES.items() if "profiles" in service} == DEMO


def test_launcher_has_a_title_for_every_service() -> None:
    assert set(_TITLES) == set(SERVICES)


def test_what_can_be_left_out_is_there_and_held_by_nothing_that_stays() -> None:
    assert set(MAY_BE_LEFT_OUT) - {"embedded"} <= set(SERVICES)
    waited_for = {
        (name, other)
        for name, service in SERVICES.items()
        for other in service.get("depends_on", {})
        if other in MAY_BE_LEFT_OUT and name not in MAY_BE_LEFT_OUT
    }
    assert waited_for == set()


def test_scrape_jobs_lead_to_services() -> None:
    """The addresses of prometheus.yml are names of the Compose file, at the ports of the contract."""
    targets = {target for job in _jobs(PROMETHEUS.read_text("utf-8")).values() for target in _static(job)}
    names = {target.rpartition(":")[0] for target in targets}
    assert names <= set(SERVICES)
    assert {int(target.rpartition(":")[2]) for target in targets} <= set(DEFAULT_PORTS.values())


def test_jobs_of_docker_are_absent_without_it() -> None:
    text = PROMETHEUS.read_text("utf-8")
    with_docker, without = _jobs(text), _jobs(on_loopback(text, DEFAULT_PORTS))
    assert set(with_docker) - set(without) == DOCKER_JOBS
    assert set(without) < set(with_docker)
    assert "host-link" not in on_loopback(text, DEFAULT_PORTS)
    assert {target.rpartition(":")[0] for job in without.values() for target in _static(job)} == {"127.0.0.1"}


def _user_of(target: str) -> str:
    """The user that a target of the Dockerfile ends as, from its own stage or the one that it starts from."""
    stages = re.split(r"^FROM ", DOCKERFILE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    for stage in stages:
        base, _, name = stage.splitlines()[0].partition(" AS ")
        if name == target:
            users = re.findall(r"^USER (\S+)$", stage, re.MULTILINE)
            return users[-1] if users else _user_of(base)
    return "0:0"


def _members(network: str) -> set[str]:
    return {name for name, service in SERVICES.items() if network in service.get("networks", [])}


def _volumes(service: dict[str, Any]) -> list[str]:
    return [VARIABLE.sub(r"\1", volume) for volume in service.get("volumes", [])]


def _jobs(text: str) -> dict[str, Any]:
    return {job["job_name"]: job for job in yaml.safe_load(text)["scrape_configs"]}


def _static(job: dict[str, Any]) -> list[str]:
    return [target for group in job.get("static_configs", []) for target in group["targets"]]
