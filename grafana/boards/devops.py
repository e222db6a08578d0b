"""DevOps: do services run, what do they take, and which version was deployed when."""

from grafana.boards.board import Board, row, values_of
from grafana.boards.links import board, runbook
from grafana.boards.overview import NO_CONTAINERS, UP
from grafana.boards.panels import SERVICES, Frame, Panel, chart, listing, number, state
from grafana.boards.queries import DEPLOYMENTS, rows, series, value

OF = '{service=~"$service"}'
NO_DEPLOYMENTS = "No deployment was told yet: `ai-monitoring deployed VERSION`, see docs/devops.md."
NO_GPU = "No GPU is watched here, see docs/devops.md."
_DOWN = [runbook("service/ServiceDown")]


def _now() -> list[Panel]:
    return [
        state(
            Frame(1, "Health", "Whether a service's instances answer from outside.", (0, 0, 8, 4), _DOWN),
            UP,
            value(f"min by (service) (service:probe_success{OF} or service:up{OF})", "{{service}}"),
        ),
        number(
            Frame(
                2,
                "Availability of a day",
                "Share of the last 24 hours in which instances answered.",
                (8, 0, 8, 4),
                [runbook("availability/ServiceAvailability"), board("slo")],
            ),
            "percentunit",
            value(f"avg_over_time(service:available:ratio{OF}[1d])", "{{service}}"),
        ),
        number(
            Frame(3, "Instances that answer", "Now, of those that are declared.", (16, 0, 8, 4), _DOWN),
            "none",
            value(f"service:instances_up{OF}", "{{service}}"),
            value(f"service:instances{OF}", "{{service}}, declared"),
        ),
    ]


def deployments(frame: Frame, services: str) -> Panel:
    """The deployments that were told, as a table."""
    return listing(
        frame,
        rows(f"sort_desc({DEPLOYMENTS.format(services=services)})"),
        columns={"Value": "Deployed", "service": "Service", "version": "Version", "status": "Status"},
        no_value=NO_DEPLOYMENTS,
        unit="dateTimeAsIso",
    )


def _replicas() -> Panel:
    return chart(
        Frame(12, "Replicas", "Containers of a service that run, and that it should have.", (12, 5, 12, 8)),
        "none",
        series("sum by (service) (container_replicas_running)", "{{service}}: run"),
        series("sum by (service) (container_replicas_wanted)", "{{service}}: wanted"),
        no_value=NO_CONTAINERS,
    )


def _load() -> list[Panel]:
    return [
        chart(
            Frame(21, "Processors in use", "1 is one processor kept busy, over 5 minutes.", (0, 14, 8, 8)),
            "none",
            series(f"service:cpu_cores:rate5m{OF}", "{{service}}"),
            colours=SERVICES,
        ),
        chart(
            Frame(22, "Memory", "Of a service's processes together.", (8, 14, 8, 8)),
            "bytes",
            series(f"service:memory_bytes{OF}", "{{service}}"),
            colours=SERVICES,
        ),
        chart(
            Frame(
                23, "GPU: share of its memory", "By machine and GPU.", (16, 14, 8, 8), [runbook("gpu/GPUMemoryHigh")]
            ),
            "percentunit",
            series("gpu:memory_used:ratio", "{{instance}}: {{name}} {{gpu}}"),
            no_value=NO_GPU,
        ),
    ]


BOARD = Board(
    uid="devops",
    folder="AI",
    source="devops",
    description="Health, availability, replicas, processors, memory and GPUs of services, and their deployments.",
    variables=[values_of("service", "service:up")],
    panels=[
        *_now(),
        row(10, "Deployments and replicas", 4),
        deployments(
            Frame(11, "Deployments", "The latest of each version, as whoever deployed told them.", (0, 5, 12, 8)),
            "$service|all",
        ),
        _replicas(),
        row(20, "Load", 13),
        *_load(),
    ],
)
