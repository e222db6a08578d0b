from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from ai_monitoring.stack import parts
from ai_monitoring.stack.part import Part
from ai_monitoring.stack.settings import DEFAULT_PORTS, Settings, load

Fake = Callable[[str, str], Path]
PROGRAMS: Mapping[str, Path] = {
    name: Path("/opt", name) for name in ("prometheus", "alertmanager", "node", "blackbox", "promtool", "amtool")
}


@pytest.fixture
def planned(configured: Callable[[str], Settings], path: Path) -> Callable[[str], dict[str, Part]]:
    """The parts of a start with the demo and this .env, by name."""

    def plan(env: str = "") -> dict[str, Part]:
        settings = configured(env)
        return {part.name: part for part in [*parts.watch(settings, PROGRAMS), *parts.demo(settings)]}

    return plan


def test_names_and_ports(planned: Callable[[str], dict[str, Part]]) -> None:
    found = planned("")
    assert {name: part.port for name, part in found.items()} == {
        "prometheus": 9090,
        "alertmanager": 9093,
        "node-exporter": 9100,
        "blackbox-exporter": 9115,
        "incidents": 9095,
        "spend": 9403,
        "collect": 9096,
        "embedded": 3000,
        "llm-upstream": 8090,
        "django": 8002,
        "fastapi": 8000,
        "streamlit": 8501,
        "traffic": 0,
    }
    for part in found.values():
        assert part.title
        assert part.note
        assert bool(part.port) == bool(part.ports) == bool(part.ready) == bool(part.address)


def test_each_moved_port_moves_its_part_alone(planned: Callable[[str], dict[str, Part]]) -> None:
    before = planned("")
    for name, part in before.items():
        for setting, port in part.ports.items():
            after = planned(f"{setting}=12345\n")
            assert [key for key in before if after[key].ports != before[key].ports] == [name]
            assert after[name].ports == {**part.ports, setting: 12345}
            assert after[name].address == f"http://127.0.0.1:{12345 if part.port == port else part.port}"
            assert "12345" in " ".join((*after[name].command, *after[name].environment.values()))
            assert str(DEFAULT_PORTS[setting]) not in " ".join(after[name].command)


def test_they_listen_on_loopback_alone(planned: Callable[[str], dict[str, Part]]) -> None:
    for name in ("prometheus", "alertmanager", "node-exporter", "blackbox-exporter"):
        part = planned("")[name]
        assert f"--web.listen-address=127.0.0.1:{part.port}" in part.command
    assert "--cluster.listen-address=" in planned("")["alertmanager"].command


def test_retention_is_prometheuss(planned: Callable[[str], dict[str, Part]]) -> None:
    command = planned("PROMETHEUS_RETENTION_TIME=7d\nPROMETHEUS_RETENTION_SIZE=512MB\n")["prometheus"].command
    assert {"--storage.tsdb.retention.time=7d", "--storage.tsdb.retention.size=512MB"} <= set(command)


def test_what_is_written_is_in_the_runtime_folder(
    planned: Callable[[str], dict[str, Part]], settings: Settings
) -> None:
    found = planned("")
    data = settings.runtime / "data"
    assert f"--storage.tsdb.path={data}/prometheus" in found["prometheus"].command
    assert f"--storage.path={data}/alertmanager" in found["alertmanager"].command
    assert found["django"].environment["AI_MONITORING_DATA"].startswith(str(data))


def test_collect_and_spend_share_the_books_of_the_stack_or_those_that_are_named(
    planned: Callable[[str], dict[str, Part]], settings: Settings
) -> None:
    def books(name: str, env: str = "") -> tuple[str, str]:
        environment = planned(env)[name].environment
        return environment["AI_MONITORING_LEDGER"], environment["AI_MONITORING_COMPLIANCE"]

    data = settings.runtime / "data"
    own = (f"sqlite:///{data}/ledger/ledger.db", f"{data}/compliance")
    assert books("collect") == books("spend") == books("fastapi") == own
    assert "AI_MONITORING_CONFIG" not in planned("")["collect"].environment
    (settings.root / "monitoring.yaml").write_text("ledger: sqlite:///a\ncompliance: {folder: kept}\n", "utf-8")
    assert books("collect") == books("spend") == books("fastapi") == ("sqlite:///a", f"{settings.root}/kept")
    assert planned("")["collect"].environment["AI_MONITORING_CONFIG"] == str(settings.root / "monitoring.yaml")
    env = "AI_MONITORING_LEDGER=sqlite:///b\nAI_MONITORING_COMPLIANCE=/elsewhere\n"
    assert books("collect", env) == books("fastapi", env) == ("sqlite:///b", "/elsewhere")
    assert parts.compliance_folder(load(settings.root, {})) == Path("/elsewhere")


def test_collect_sends_its_lines_and_keeps_what_waits(
    planned: Callable[[str], dict[str, Part]], settings: Settings
) -> None:
    environment = planned("")["collect"].environment
    assert environment["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://127.0.0.1:4318"
    assert environment["AI_MONITORING_SPOOL_DIR"].startswith(str(settings.runtime))


def test_the_demo_knows_its_settings_and_keeps_what_waits(
    planned: Callable[[str], dict[str, Part]], settings: Settings
) -> None:
    for name in ("django", "fastapi", "streamlit", "traffic"):
        environment = planned("LLM_UPSTREAM_PORT=18090\n")[name].environment
        assert environment["LLM_UPSTREAM_PORT"] == "18090"
        assert environment["AI_MONITORING_CONFIG"] == str(settings.root / "monitoring.yaml")
        assert environment["AI_MONITORING_SPOOL_DIR"].startswith(str(settings.runtime))
        assert environment["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://127.0.0.1:4318"


def test_what_env_says_to_the_demos_services_reaches_them(planned: Callable[[str], dict[str, Part]]) -> None:
    found = planned("OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318\nAI_MONITORING_LOG_PROMPTS=\nSECRET=1\n")
    for name in ("llm-upstream", "django", "fastapi", "streamlit", "traffic"):
        assert found[name].environment["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://127.0.0.1:4318"
        assert found[name].environment["AI_MONITORING_LOG_PROMPTS"] == "", "emptied on purpose"
        assert "SECRET" not in found[name].environment
    assert "OTEL_EXPORTER_OTLP_ENDPOINT" not in found["prometheus"].environment
