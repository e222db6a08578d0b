"""One container, read from what the Docker API says of it."""

from dataclasses import dataclass
from typing import Any

SERVICE = "com.docker.compose.service"
ONE_OFF = "com.docker.compose.oneoff"
"""`docker compose run` makes a container that is nobody's replica."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """Its state. None is what there is no reading of: no limit, no health check, not running."""

    id: str
    service: str
    name: str
    up: bool
    wanted: bool
    restarts: int
    healthy: bool | None
    memory_limit_bytes: int | None
    memory_bytes: int | None = None
    cpu_seconds: float | None = None


def name_of(listed: dict[str, Any]) -> str:
    """A container's own name; one that a link gave it has a second slash."""
    names: list[str] = [name.removeprefix("/") for name in listed["Names"]]
    return next((name for name in names if "/" not in name), str(listed["Id"])[:12])


def read(listed: dict[str, Any], inspected: dict[str, Any], stats: dict[str, Any] | None) -> Container:
    """One container of the list, as it was inspected, and its statistics while it runs.

    Raises KeyError, TypeError or AttributeError where the engine answers otherwise than documented.
    """
    state, host, labels = inspected["State"], inspected["HostConfig"], listed["Labels"] or {}
    name = name_of(listed)
    return Container(
        id=listed["Id"],
        service=labels.get(SERVICE) or name,
        name=name,
        up=state["Status"] == "running",
        wanted=labels.get(ONE_OFF) != "True" and not _done(state, host),
        restarts=inspected["RestartCount"],
        healthy=_healthy(state),
        memory_limit_bytes=host.get("Memory") or None,
        memory_bytes=_memory(stats),
        cpu_seconds=_cpu(stats),
    )


def _done(state: dict[str, Any], host: dict[str, Any]) -> bool:
    """It ran to its good end, and its policy does not start it again: a set-up job, say."""
    policy = (host.get("RestartPolicy") or {}).get("Name") or "no"
    return state["Status"] == "exited" and state["ExitCode"] == 0 and policy in ("no", "on-failure")


def _healthy(state: dict[str, Any]) -> bool | None:
    """None without a health check, and while the first one is still to come."""
    return {"healthy": True, "unhealthy": False}.get((state.get("Health") or {}).get("Status", ""))


def _memory(stats: dict[str, Any] | None) -> int | None:
    """As `docker stats` shows it: without the file cache that the kernel can drop at once."""
    memory = (stats or {}).get("memory_stats") or {}
    if "usage" not in memory:
        return None
    details = memory.get("stats") or {}
    cache = details.get("total_inactive_file", details.get("inactive_file", 0))  # cgroup v1, v2
    return int(memory["usage"] - cache if cache < memory["usage"] else memory["usage"])


def _cpu(stats: dict[str, Any] | None) -> float | None:
    usage = ((stats or {}).get("cpu_stats") or {}).get("cpu_usage") or {}
    return usage["total_usage"] / 1e9 if "total_usage" in usage else None
