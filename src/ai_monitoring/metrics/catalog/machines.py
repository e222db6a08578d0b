"""GPUs and containers."""

from ai_monitoring.metrics.declaration import Kind, Metric

_CONTAINER = ("service", "container")


def _container(name: str, kind: Kind, help_: str) -> Metric:
    """The exporter reads a bounded number of containers, so their names need no cap here."""
    return Metric(name=f"container_{name}", kind=kind, help=help_, labels=_CONTAINER)


CONTAINERS = (
    _container("up", Kind.GAUGE, "Whether a container runs: 1, or 0."),
    _container("healthy", Kind.GAUGE, "Whether a container passes its own health check: 1, or 0; missing without one."),
    _container(
        "restarts_total",
        Kind.COUNTER,
        "Restarts of a container by its restart policy since the exporter started; a start by hand is none.",
    ),
    _container(
        "oom_kills_total",
        Kind.COUNTER,
        "Times that a container ran out of memory and the kernel killed in it, since the exporter started.",
    ),
    _container("cpu_seconds_total", Kind.COUNTER, "CPU time that a container used since its start."),
    _container("memory_bytes", Kind.GAUGE, "Memory of a container without the file cache that can be dropped."),
    _container("memory_limit_bytes", Kind.GAUGE, "Memory that a container may use; missing where it has no limit."),
    Metric(
        name="container_replicas_wanted",
        kind=Kind.GAUGE,
        help="Containers that a service has, without jobs that ran to their good end.",
        labels=("service",),
    ),
    Metric(
        name="container_replicas_running",
        kind=Kind.GAUGE,
        help="Containers of a service that run.",
        labels=("service",),
    ),
)


def _gpu(name: str, kind: Kind, help_: str) -> Metric:
    """A machine has few GPUs, so they need no cap here."""
    return Metric(name=f"gpu_{name}", kind=kind, help=help_, labels=("gpu", "uuid", "name"))


GPUS = (
    _gpu("utilization_ratio", Kind.GAUGE, "Share of time in which a GPU computes, 0 to 1."),
    _gpu("memory_used_bytes", Kind.GAUGE, "Memory of a GPU in use."),
    _gpu("memory_total_bytes", Kind.GAUGE, "Memory that a GPU has."),
    _gpu("temperature_celsius", Kind.GAUGE, "Temperature of a GPU's core."),
    _gpu("power_watts", Kind.GAUGE, "Power that a GPU draws."),
    _gpu("throttled", Kind.GAUGE, "Whether heat or power holds a GPU's clock back: 1, or 0."),
    _gpu("xid_errors_total", Kind.COUNTER, "Errors that the driver reported as XID since the exporter started."),
    _gpu("ecc_errors_total", Kind.COUNTER, "Memory errors that ECC could not correct, since the exporter started."),
)
