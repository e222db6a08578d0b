from collections.abc import Callable
from pathlib import Path

import pytest

from ai_monitoring.stack import backends
from ai_monitoring.stack.part import Part
from ai_monitoring.stack.settings import Settings

Fake = Callable[[str, str], Path]


@pytest.fixture
def planned(configured: Callable[[str], Settings], path: Path) -> Callable[[str], dict[str, Part]]:
    """The parts of a start with this .env that keep and show logs, traces and dashboards, by name."""

    def plan(env: str = "") -> dict[str, Part]:
        return {part.name: part for part in backends.parts(configured(env))}

    return plan


def test_grafana_where_it_is_installed(
    planned: Callable[[str], dict[str, Part]], fake: Fake, tmp_path: Path, settings: Settings
) -> None:
    program = fake("grafana", "")
    assert "grafana" not in planned(""), "its files are nowhere"
    defaults = tmp_path / "conf" / "defaults.ini"
    defaults.parent.mkdir()
    defaults.touch()
    grafana = planned("GRAFANA_PORT=13000\n")["grafana"]
    assert grafana.command[:3] == (str(program), "server", f"--homepath={tmp_path}")
    assert "cfg:server.http_port=13000" in grafana.command
    secret = settings.runtime / "secrets" / "grafana_admin_password"
    assert f"cfg:security.admin_password=$__file{{{secret}}}" in grafana.command
    assert ".runtime/secrets/grafana_admin_password" in grafana.note
    assert "GRAFANA_PORT" not in planned("")["embedded"].ports, "one of them shows the dashboards"


@pytest.mark.skipif(Path("/usr/share/doc/loki").exists(), reason="the genetics program of that name is installed")
def test_loki_where_it_is_on_path(planned: Callable[[str], dict[str, Part]], fake: Fake, settings: Settings) -> None:
    program = fake("loki", "")
    loki = planned("LOKI_PORT=13100\n")["loki"]
    config, data = settings.root / "loki" / "loki.yml", settings.runtime / "data" / "loki"
    assert loki.command == (
        str(program),
        f"-config.file={config}",
        "-server.http-listen-address=127.0.0.1",
        "-server.http-listen-port=13100",
        "-server.grpc-listen-address=127.0.0.1",
        f"-common.path-prefix={data}",
        f"-common.storage.filesystem.chunk-directory={data / 'chunks'}",
        f"-common.storage.filesystem.rules-directory={data / 'rules'}",
    )
    embedded = planned("LOKI_PORT=13100\n")["embedded"]
    assert "LOKI_PORT" not in embedded.ports
    assert "--loki-at=http://127.0.0.1:13100" in embedded.command


def test_the_embedded_backend_stands_in_for_all_that_is_not_there(
    planned: Callable[[str], dict[str, Part]], settings: Settings
) -> None:
    embedded = planned("EMBEDDED_RETENTION_TIME=12h\n")["embedded"]
    assert embedded.ports == {
        "GRAFANA_PORT": 3000,
        "LOKI_PORT": 3100,
        "TEMPO_PORT": 3200,
        "OTLP_HTTP_PORT": 4318,
        "OTLP_GRPC_PORT": 4317,
        "OTEL_COLLECTOR_PORT": 8889,
    }
    assert {"--keep=12h", "--keep-size=2GB", f"--data={settings.runtime}/data/embedded"} <= set(embedded.command)
    assert f"--password-file={settings.admin_password}" in embedded.command


def test_what_is_left_out_has_no_port(planned: Callable[[str], dict[str, Part]]) -> None:
    assert planned("LEAVE_OUT=embedded\n") == {}
    assert planned("LEAVE_OUT=grafana,loki,tempo,otel-collector\n") == {}
    without = planned("LEAVE_OUT=grafana\n")["embedded"]
    assert without.address == "http://127.0.0.1:3100"
    assert not [argument for argument in without.command if argument.startswith("--viewer")]


def test_who_sends_is_told_where_to(configured: Callable[[str], Settings], path: Path) -> None:
    assert backends.receiver(configured("OTLP_HTTP_PORT=14318\n")) == {
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:14318"
    }
    assert backends.receiver(configured("LEAVE_OUT=otel-collector\n")) == {}
