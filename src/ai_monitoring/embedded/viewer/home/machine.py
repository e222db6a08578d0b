"""What this machine has left, from the recorded series `host:…`."""

from collections.abc import Sequence
from typing import NamedTuple

from ai_monitoring.embedded.viewer.prometheus import Sample

CPU, MEMORY, DISK = "host:cpu_used:ratio_rate5m", "host:memory_used:ratio", "host:disk_used:ratio"
SERIES = (CPU, MEMORY, DISK)
_DISKS = 3


class Use(NamedTuple):
    """How much of something is used, as a share of 1."""

    name: str
    share: float


def machine(samples: Sequence[Sample]) -> list[Use]:
    """Processors, memory, and the fullest file systems; empty while node exporter tells nothing."""
    disks = [Use(f"Disk {sample.labels.get('mountpoint', '')}", sample.value) for sample in _of(samples, DISK)]
    return [
        *(Use("Processors", sample.value) for sample in _of(samples, CPU)),
        *(Use("Memory", sample.value) for sample in _of(samples, MEMORY)),
        *sorted(disks, key=lambda disk: disk.share, reverse=True)[:_DISKS],
    ]


def _of(samples: Sequence[Sample], name: str) -> list[Sample]:
    return [sample for sample in samples if sample.labels.get("__name__") == name]
