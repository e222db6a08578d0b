"""Sends a trace's requests, each when it is due, and adds up what was counted."""

import http.client
import math
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import BoundedSemaphore, Lock
from time import monotonic, sleep
from typing import Any

from ai_monitoring.cli.service import Service
from ai_monitoring.cli.trace import Recorded

CONCURRENCY = 16
MAX_FAILURES = 20
"""So many failures end a replay: what follows would fail as well."""

PROGRESS_SECONDS = 5.0


@dataclass
class Sums:
    """What a replay has sent and was told. `late` is by how many seconds it fell behind the trace, at worst."""

    calls: int = 0
    streamed: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    models: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    late: float = 0.0
    seconds: float = 0.0


class Replay:
    """Replays a trace at `speed` times its own pace (infinity: as fast as it goes), every other request streamed.

    At most CONCURRENCY requests are under way; where that many wait, the trace waits as well.
    """

    def __init__(self, service: Service, speed: float, progress: Callable[[int], None]) -> None:
        self.sums = Sums()
        self._service = service
        self._speed = speed
        self._progress = progress
        self._free = BoundedSemaphore(CONCURRENCY)
        self._lock = Lock()

    def run(self, trace: Sequence[Recorded]) -> Sums:
        start = shown = monotonic()
        with ThreadPoolExecutor(CONCURRENCY) as pool:
            for number, recorded in enumerate(trace):
                self._wait_until(start + (0.0 if math.isinf(self._speed) else recorded.due / self._speed))
                self._free.acquire()
                if self.sums.failures.total() >= MAX_FAILURES:
                    break
                pool.submit(self._send, recorded, number % 2 == 1).add_done_callback(self._sent)
                if monotonic() - shown >= PROGRESS_SECONDS:
                    shown = monotonic()
                    self._progress(self.sums.calls)
        self.sums.seconds = monotonic() - start
        return self.sums

    def _wait_until(self, due: float) -> None:
        ahead = due - monotonic()
        if ahead > 0:
            sleep(ahead)
        elif not math.isinf(self._speed):
            self.sums.late = max(self.sums.late, -ahead)

    def _send(self, recorded: Recorded, stream: bool) -> None:
        try:
            counted = self._service.send(recorded, stream=stream)
        except (OSError, http.client.HTTPException, ValueError) as error:
            with self._lock:
                self.sums.failures[str(error) or type(error).__name__] += 1
        else:
            with self._lock:
                self._add(counted, stream)

    def _add(self, counted: dict[str, Any], stream: bool) -> None:
        self.sums.calls += 1
        self.sums.streamed += stream
        self.sums.input_tokens += counted["input_tokens"]
        self.sums.output_tokens += counted["output_tokens"]
        self.sums.models[counted["model"]] += 1

    def _sent(self, _: Future[None]) -> None:
        self._free.release()
