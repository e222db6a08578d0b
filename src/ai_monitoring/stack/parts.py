"""The parts of the local stack: what runs, how it is started, and when it is healthy."""

import platform
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ai_monitoring.stack import environment
from ai_monitoring.stack.rendering import HOST
from ai_monitoring.stack.settings import Settings, port_setting

_MODULES = {
    "llm-upstream": "examples.upstream",
    "django": "examples.django_service",
    "fastapi": "examples.fastapi_service",
    "streamlit": "examples.streamlit_service",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One process of the stack, or one container: `command` starts it, or `image` is what it runs.

    It is healthy once `ready` answers 2xx there; a part without a port is healthy
    while it runs. `environment` is added to the launcher's own.
    """

    name: str
    title: str
    command: tuple[str, ...] = ()
    image: str = ""
    port: int = 0
    ready: str = ""
    note: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def setting(self) -> str:
        """The name of its port in `.env`; empty without a port."""
        return port_setting(self.name) if self.port else ""

    @property
    def address(self) -> str:
        """Where a person or a program finds the part; empty without a port."""
        return f"http://{HOST}:{self.port}" if self.port else ""


def watch(settings: Settings, programs: Mapping[str, Path]) -> list[Part]:
    """The parts of every start; Grafana and Loki among them where they are on PATH."""
    ports = settings.ports
    return [
        _prometheus(settings, programs["prometheus"]),
        _alertmanager(settings, programs["alertmanager"]),
        _node_exporter(settings, programs["node"]),
        Part(
            name="blackbox-exporter",
            title="Blackbox exporter",
            command=(
                str(programs["blackbox"]),
                f"--config.file={settings.root / 'blackbox' / 'blackbox.yml'}",
                f"--web.listen-address={HOST}:{ports['BLACKBOX_EXPORTER_PORT']}",
                "--log.level=warn",
            ),
            port=ports["BLACKBOX_EXPORTER_PORT"],
            ready="/-/healthy",
            note="asks each declared service from outside",
        ),
        Part(
            name="incidents",
            title="Incidents",
            command=_python(settings, "ai_monitoring.incidents", str(ports["INCIDENTS_PORT"])),
            port=ports["INCIDENTS_PORT"],
            ready="/health",
            note="receives every alert from Alertmanager, and logs it",
        ),
        *_grafana(settings),
        *_loki(settings),
    ]


def demo(settings: Settings) -> list[Part]:
    """Three example services that call each other and a language model's stand-in, and their traffic."""
    environment = _demo_environment(settings)
    services = [
        ("llm-upstream", "LLM upstream", "/health", "demo: speaks as OpenAI and Anthropic do, on loopback"),
        ("django", "Django API", "/health/", "demo: a coaching API with JWT login"),
        ("fastapi", "FastAPI service", "/health", "demo: gives the advice that the other two ask for"),
        ("streamlit", "Streamlit page", "/health", "demo: the page to open in a browser"),
    ]
    return [
        *(
            Part(
                name=name,
                title=title,
                command=_python(settings, _MODULES[name]),
                port=settings.ports[port_setting(name)],
                ready=ready,
                note=note,
                environment=environment,
            )
            for name, title, ready, note in services
        ),
        Part(
            name="traffic",
            title="Traffic",
            command=_python(settings, "examples.traffic"),
            note="demo: people and programs using the services",
            environment=environment,
        ),
    ]


def _demo_environment(settings: Settings) -> dict[str, str]:
    data = settings.runtime / "data" / "demo"
    environment = {
        **{name: str(settings.ports[name]) for name in map(port_setting, _MODULES)},
        "AI_MONITORING_DATA": str(data),
        "AI_MONITORING_CONFIG": str(settings.root / "monitoring.yaml"),
        "AI_MONITORING_SPOOL_DIR": str(data / "spool"),
        # Nobody's questions: what the traffic asks is made up.
        "AI_MONITORING_LOG_PROMPTS": "redacted",
        "PYTHONPATH": str(settings.root),
    }
    if _loki(settings):
        loki = f"http://{HOST}:{settings.ports['LOKI_PORT']}/otlp/v1/logs"
        environment["OTEL_EXPORTER_OTLP_LOGS_ENDPOINT"] = loki
    return {**environment, **settings.passed_on}


def admin_password(settings: Settings) -> Path:
    """The file that holds the password of Grafana's administrator."""
    return settings.runtime / "secrets" / "grafana_admin_password"


def _prometheus(settings: Settings, program: Path) -> Part:
    port = settings.ports["PROMETHEUS_PORT"]
    return Part(
        name="prometheus",
        title="Prometheus",
        command=(
            str(program),
            f"--config.file={settings.runtime / 'prometheus' / 'prometheus.yml'}",
            f"--storage.tsdb.path={settings.runtime / 'data' / 'prometheus'}",
            f"--storage.tsdb.retention.time={settings.retention_time}",
            f"--storage.tsdb.retention.size={settings.retention_size}",
            f"--web.listen-address={HOST}:{port}",
            f"--web.external-url=http://{HOST}:{port}/",
            "--enable-feature=exemplar-storage",
        ),
        port=port,
        ready="/-/ready",
        note="metrics, rules and alerts",
    )


def _alertmanager(settings: Settings, program: Path) -> Part:
    port = settings.ports["ALERTMANAGER_PORT"]
    return Part(
        name="alertmanager",
        title="Alertmanager",
        command=(
            str(program),
            f"--config.file={settings.runtime / 'alertmanager' / 'alertmanager.yml'}",
            f"--storage.path={settings.runtime / 'data' / 'alertmanager'}",
            f"--web.listen-address={HOST}:{port}",
            f"--web.external-url=http://{HOST}:{port}/",
            "--cluster.listen-address=",
        ),
        port=port,
        ready="/-/ready",
        note="groups, silences and sends alerts",
    )


def _node_exporter(settings: Settings, program: Path) -> Part:
    port = settings.ports["NODE_EXPORTER_PORT"]
    # Debian's build looks for systemd and for a folder of root's by default, and complains at each scrape without them.
    linux = ("--no-collector.systemd", f"--collector.textfile.directory={settings.runtime / 'data' / 'textfile'}")
    return Part(
        name="node-exporter",
        title="Node exporter",
        command=(
            str(program),
            f"--web.listen-address={HOST}:{port}",
            "--log.level=warn",
            *(linux if platform.system() == "Linux" else ()),
        ),
        port=port,
        ready="/",
        note="CPU, memory, disk and network of this machine",
    )


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
        "security.admin_password": f"$__file{{{admin_password(settings)}}}",
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
            note=f"user admin, password in {admin_password(settings)}",
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


def _python(settings: Settings, module: str, *arguments: str) -> tuple[str, ...]:
    return (str(environment.python(settings.root)), "-m", module, *arguments)
