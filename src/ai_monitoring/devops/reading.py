"""What one process can tell of how it runs."""

from dataclasses import dataclass
from enum import StrEnum


class Health(StrEnum):
    """By the calls to models of the last five minutes: `failing` where all failed, `unknown` where none was made."""

    OK = "ok"
    FAILING = "failing"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Deployment:
    """The version that runs, as the environment says it; empty where it says none.

    `status` is started, succeeded, failed or unknown.
    """

    version: str = ""
    status: str = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class DevOpsReading:
    """One process at one moment; None where it cannot know.

    `availability` is the share of calls to models that did not fail within five minutes, 0 to 1. `cpu_cores` is the
    processor time it used a second since the reading before (1 is one core kept busy). `memory_limit_bytes` is its
    control group's, else the machine's memory. `gpus` are those that the environment lets it see, `replicas` its worker
    processes: both by the environment alone. Of GPUs and replicas elsewhere, Prometheus tells.
    """

    health: Health = Health.UNKNOWN
    availability: float | None = None
    cpu_cores: float | None = None
    memory_bytes: int | None = None
    memory_limit_bytes: int | None = None
    gpus: int | None = None
    replicas: int | None = None
    deployment: Deployment = Deployment()

    @property
    def memory_ratio(self) -> float | None:
        """The share of its limit that the process takes, 0 to 1."""
        if self.memory_bytes is None or not self.memory_limit_bytes:
            return None
        return self.memory_bytes / self.memory_limit_bytes
