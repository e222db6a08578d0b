"""The parts of the local stack: what runs, how it is started, and when it is healthy."""

import platform
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ai_monitoring.stack import backends, runtime
from ai_monitoring.stack.part import Part, python
from ai_monitoring.stack.rendering import HOST
from ai_monitoring.stack.settings import ROOT, Settings, port_setting

if TYPE_CHECKING:
    from ai_monitoring.configuration import Configuration

_MODULES = {
    "llm-upstream": "examples.upstream",
    "django": "examples.django_service",
    "fastapi": "examples.fastapi_service",
    "streamlit": "examples.streamlit_service",
}


def watch(settings: Settings, programs: Mapping[str, Path]) -> list[Part]:
    """The parts of every start."""
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
            command=python(
                settings,
                "ai_monitoring.incidents",
                str(ports["INCIDENTS_PORT"]),
                str(settings.runtime / "data" / "incidents" / "incidents.db"),
                str(runtime.incidents_file(settings)),
            ),
            port=ports["INCIDENTS_PORT"],
            ready="/health",
            note="logs what becomes of every alert",
            environment=backends.receiver(settings),
        ),
        *_spend(settings),
        *_collect(settings),
        *backends.parts(settings),
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
                command=python(settings, _MODULES[name]),
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
            command=python(settings, "examples.traffic"),
            note="demo: people and programs using the services",
            environment=environment,
        ),
    ]


def _demo_environment(settings: Settings) -> dict[str, str]:
    data = settings.runtime / "data" / "demo"
    environment = {
        **{name: str(settings.ports[name]) for name in map(port_setting, _MODULES)},
        "AI_MONITORING_DATA": str(data),
        "AI_MONITORING_CONFIG": str(_configuration_file(settings)),
        **_books(settings),
        "AI_MONITORING_SPOOL_DIR": str(data / "spool"),
        # Nobody's questions: what the traffic asks is made up.
        "AI_MONITORING_LOG_PROMPTS": "redacted",
        "PYTHONPATH": str(settings.root),
    }
    return {**environment, **backends.receiver(settings), **settings.passed_on}


def ledger_address(settings: Settings) -> str:
    """The ledger of the stack and its demo: as `.env` or monitoring.yaml names it, else in the runtime folder."""
    configured = _configuration(settings)
    named = settings.passed_on.get("AI_MONITORING_LEDGER") or (configured.ledger if configured else "")
    return named or f"sqlite:///{settings.runtime / 'data' / 'ledger' / 'ledger.db'}"


def compliance_folder(settings: Settings) -> Path:
    """Where the stack and its demo keep the audit log: as `.env` or monitoring.yaml names it, else as the ledger."""
    if named := settings.passed_on.get("AI_MONITORING_COMPLIANCE"):
        return settings.root / named
    configured = _configuration(settings)
    named_there = configured.compliance.folder if configured else None
    return named_there or settings.runtime / "data" / "compliance"


def _configuration_file(settings: Settings) -> Path:
    return settings.root / "monitoring.yaml"


def _configuration(settings: Settings) -> "Configuration | None":
    file = _configuration_file(settings)
    if not file.exists():
        return None
    # Not at the top: the front door does with this folder alone.
    from ai_monitoring.configuration import ConfigurationError, load_config

    try:
        return load_config(file)
    except ConfigurationError:  # whoever reads it for its own sake says what is wrong
        return None


def _books(settings: Settings) -> dict[str, str]:
    """Where requests are booked and audited."""
    return {
        "AI_MONITORING_LEDGER": ledger_address(settings),
        "AI_MONITORING_COMPLIANCE": str(compliance_folder(settings)),
    }


def _spend(settings: Settings) -> list[Part]:
    return [
        Part(
            name="spend",
            title="Spend",
            command=python(settings, "exporters.spend", str(settings.ports["SPEND_PORT"])),
            port=settings.ports["SPEND_PORT"],
            ready="/health",
            note="budgets, as the ledger knows them",
            environment=_own_environment(settings) | {"PYTHONPATH": str(ROOT)},
        )
    ]


def _collect(settings: Settings) -> list[Part]:
    port = settings.ports["COLLECT_PORT"]
    spool = settings.runtime / "data" / "collect" / "spool"
    return [
        Part(
            name="collect",
            title="Collect",
            command=python(settings, "ai_monitoring.cli", "collect", f"--port={port}"),
            port=port,
            ready="/health",
            note="takes AI requests of services in any language",
            environment={
                "AI_MONITORING_SPOOL_DIR": str(spool),
                **backends.receiver(settings),
                **_own_environment(settings),
            },
        )
    ]


def _own_environment(settings: Settings) -> dict[str, str]:
    file = _configuration_file(settings)
    return {
        **({"AI_MONITORING_CONFIG": str(file)} if file.exists() else {}),
        **_books(settings),
        **settings.passed_on,
    }


def _prometheus(settings: Settings, program: Path) -> Part:
    port = settings.ports["PROMETHEUS_PORT"]
    return Part(
        name="prometheus",
        title="Prometheus",
        command=(
            str(program),
            f"--config.file={settings.runtime / 'prometheus' / 'prometheus.yml'}",
            f"--storage.tsdb.path={settings.runtime / 'data' / 'prometheus'}",
            f"--storage.tsdb.retention.time={settings.texts['PROMETHEUS_RETENTION_TIME']}",
            f"--storage.tsdb.retention.size={settings.texts['PROMETHEUS_RETENTION_SIZE']}",
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
