"""Memory pressure that cannot harm: bounded, given back at once where others need it, and first in the kernel's line.

It takes memory until the share in use is a little past the warning's threshold, and refuses where that would leave
less than ROOM. Others' needs come first: each quarter of a second it gives back what is too much.
"""

import math
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

from ai_monitoring.simulate.stage import Stage
from ai_monitoring.stack import http
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.rendering import HOST

BLOCK = 64 * 2**20
ROOM = 2**30
"""Bytes that must stay available to everybody else."""

MARGIN = 0.02
"""By what share of the machine's memory the threshold is passed."""

_THRESHOLD = 'threshold:host_memory_used_ratio{severity="warning"}'
_INSTEAD = "The rule is proven without it: tests/rules/host.yml."
_CGROUP_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


@contextmanager
def memory_pressure(stage: Stage) -> Iterator[None]:
    """Hold memory while this lasts. Raises StackError where that would not be safe."""
    share = _threshold(stage) + MARGIN
    _refuse(share)
    # The kernel, should it have to choose, ends this process before any other.
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    over = Event()
    thread = Thread(target=_hold, args=(share, over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _hold(share: float, over: Event) -> None:
    import psutil  # not at the top: listing the incidents does without

    blocks: list[bytearray] = []
    while not over.is_set():
        memory = psutil.virtual_memory()
        if not adapt(blocks, memory.available - max((1 - share) * memory.total, ROOM)):
            over.wait(0.25)


def adapt(blocks: list[bytearray], surplus: float) -> bool:
    """Take a block of a surplus of bytes, or give back as many as a shortage needs. Returns whether one was taken."""
    if surplus > BLOCK:
        blocks.append(bytearray(b"\1") * BLOCK)
        return True
    if surplus < 0:
        del blocks[max(0, len(blocks) - math.ceil(-surplus / BLOCK)) :]
    return False


def _threshold(stage: Stage) -> float:
    address = f"http://{HOST}:{stage.settings.ports['PROMETHEUS_PORT']}/api/v1/query"
    try:
        (sample,) = http.get_json(address, query=_THRESHOLD)["data"]["result"]
    except (OSError, ValueError) as error:
        raise StackError(
            f"Prometheus does not tell {_THRESHOLD}.", "See: python3 start_monitoring.py status"
        ) from error
    return float(sample["value"][1])


def _refuse(share: float) -> None:
    import psutil

    if sys.platform != "linux":
        raise StackError("Memory pressure is rehearsed on Linux alone, where it can be bounded.", _INSTEAD)
    memory = psutil.virtual_memory()
    if (left := (1 - share) * memory.total) < ROOM:
        raise StackError(
            f"At {share:.0%} in use this machine would have {left / 2**20:.0f} MiB left, too little to be safe.",
            _INSTEAD,
        )
    needed = memory.available - left
    if (limit := min(map(_limit, _CGROUP_LIMITS))) < needed + ROOM:
        raise StackError(
            f"{needed / 2**30:.1f} GiB would have to be taken, and this session may have {limit / 2**30:.1f}.", _INSTEAD
        )


def _limit(file: str) -> float:
    """What a control group allows, in bytes."""
    try:
        return float(Path(file).read_text(encoding="ascii"))
    except (OSError, ValueError):  # there is none, or it is `max`
        return float("inf")
