"""Where logs, traces and dashboards go: Grafana and Loki where they are on PATH, the embedded backend elsewhere."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from ai_monitoring.stack.part import Part, python
from ai_monitoring.stack.rendering import HOST
from ai_monitoring.stack.settings import Settings


def parts(settings: Settings) -> list[Part]:
    """The parts, without those that LEAVE_OUT names."""
    return [*_grafana(settings), *_loki(settings), *_embedded(settings)]


def receiver(settings: Settings) -> Mapping[str, str]:
    """What a service's environment must say so that its logs and traces arrive; empty where nobody receives them."""
    if not any("OTLP_HTTP_PORT" in part.takes for part in _embedded(settings)):
        return {}
    return {"OTEL_EXPORTER_OTLP_ENDPOINT": _address(settings, "OTLP_HTTP_PORT")}


_OPTIONS = {
    "GRAFANA_PORT": "--viewer",
    "LOKI_PORT": "--loki",
    "TEMPO_PORT": "--tempo",
    "OTLP_HTTP_PORT": "--otlp-http",
    "OTLP_GRPC_PORT": "--otlp-grpc",
    "OTEL_COLLECTOR_PORT": "--metrics",
}
"""The embedded backend's ports by their names in `.env`, and the options that set them."""
_PORTS = {
    "grafana": ("GRAFANA_PORT",),
    "loki": ("LOKI_PORT",),
    "tempo": ("TEMPO_PORT",),
    "otel-collector": ("OTLP_HTTP_PORT", "OTLP_GRPC_PORT", "OTEL_COLLECTOR_PORT"),
}


def _embedded(settings: Settings) -> list[Part]:
    """One process for whatever of Grafana, Loki, Tempo and the Collector is not there."""
    there = {part.name for part in (*_grafana(settings), *_loki(settings))}
    wanted = [name for name in _PORTS if name not in there | settings.leave_out]
    if "embedded" in settings.leave_out or not wanted:
        return []
    ports = {name: settings.ports[name] for part in wanted for name in _PORTS[part]}
    return [
        Part(
            name="embedded",
            title="Logs, traces, dashboards",
            command=python(settings, "ai_monitoring.embedded", *_arguments(settings, ports)),
            port=next(iter(ports.values())),
            ready="/health",
            note=settings.login if "GRAFANA_PORT" in ports else "logs and traces",
            takes=ports,
        )
    ]


def _arguments(settings: Settings, ports: Mapping[str, int]) -> list[str]:
    given = {
        **{_OPTIONS[name]: port for name, port in ports.items()},
        "--data": settings.runtime / "data" / "embedded",
        "--keep": settings.texts["EMBEDDED_RETENTION_TIME"],
        "--keep-size": settings.texts["EMBEDDED_RETENTION_SIZE"],
        "--project": settings.root,
        "--password-file": settings.admin_password,
        "--prometheus": _address(settings, "PROMETHEUS_PORT"),
        "--alertmanager": _address(settings, "ALERTMANAGER_PORT"),
    }
    if _loki(settings):
        given["--loki-at"] = _address(settings, "LOKI_PORT")
    return [f"{name}={value}" for name, value in given.items()]


def _address(settings: Settings, port: str) -> str:
    return f"http://{HOST}:{settings.ports[port]}"


def _grafana(settings: Settings) -> list[Part]:
    program, home = shutil.which("grafana"), _grafana_home()
    if program is None or home is None:
        return []
    runtime, port = settings.runtime, settings.ports["GRAFANA_PORT"]
    overrides = {
        "paths.data": runtime / "data" / "grafana",
        "paths.logs": runtime / "logs",
        "paths.provisioning": runtime / "grafana" / "provisioning",
        "server.http_port": port,
        "dashboards.default_home_dashboard_path": settings.root / "grafana/dashboards/Services/overview.json",
        "security.admin_password": f"$__file{{{settings.admin_password}}}",
    }
    return [
        Part(
            name="grafana",
            title="Grafana",
            command=(
                program,
                "server",
                f"--homepath={home}",
                f"--config={settings.root / 'grafana' / 'grafana.ini'}",
                *(f"cfg:{name}={value}" for name, value in overrides.items()),
            ),
            port=port,
            ready="/api/health",
            note=settings.login,
        )
    ]


def _grafana_home() -> Path | None:
    """Where Grafana's files are: its Linux packages' place, or beside the program as in its archive and in Homebrew."""
    program = shutil.which("grafana")
    above = Path(program).resolve().parents[1] if program else Path("/usr")
    places = (Path("/usr/share/grafana"), above, above / "share" / "grafana")
    return next((place for place in places if (place / "conf" / "defaults.ini").exists()), None)


def _loki(settings: Settings) -> list[Part]:
    program = shutil.which("loki")
    # Debian's package of that name is a genetics program.
    if program is None or Path("/usr/share/doc/loki").exists():
        return []
    port = settings.ports["LOKI_PORT"]
    config = settings.root / "loki" / "loki.yml"
    data = settings.runtime / "data" / "loki"
    return [
        Part(
            name="loki",
            title="Loki",
            command=(
                program,
                # The file is Compose's, where Loki has a machine of its own; flags come before it.
                f"-config.file={config}",
                f"-server.http-listen-address={HOST}",
                f"-server.http-listen-port={port}",
                f"-server.grpc-listen-address={HOST}",
                f"-common.path-prefix={data}",
                f"-common.storage.filesystem.chunk-directory={data / 'chunks'}",
                f"-common.storage.filesystem.rules-directory={data / 'rules'}",
            ),
            port=port,
            ready="/ready",
            note="logs",
        )
    ]
