"""Threads on which a call can be given up."""

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")


class CallTimeoutError(Exception):
    """The call took longer than it may."""


@dataclass(eq=False)
class _Call(Generic[Result]):
    """One call and where its result arrives."""

    function: Callable[[], Result]
    done: threading.Event = field(default_factory=threading.Event)
    result: Result | None = None
    error: BaseException | None = None

    def run(self) -> None:
        try:
            self.result = self.function()
        except BaseException as error:
            self.error = error
        self.done.set()


class Pool:
    """Daemon threads, as many as callers wait at once. One whose call is given up ends when that call does."""

    def __init__(self) -> None:
        self._idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()

    def run(self, function: Callable[[], Result], limit: float) -> Result:
        """The function's result, or its exception; CallTimeoutError after `limit` seconds."""
        worker = self._worker()
        call = _Call(function)
        worker.calls.put(call)
        if not call.done.wait(limit):
            worker.calls.put(None)
            raise CallTimeoutError
        self._idle.put(worker)
        if call.error is not None:
            raise call.error
        return call.result  # type: ignore[return-value]  # set, since there was no error

    def _worker(self) -> "_Worker":
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            return _Worker()


class _Worker:
    def __init__(self) -> None:
        self.calls: queue.SimpleQueue[_Call[Any] | None] = queue.SimpleQueue()
        threading.Thread(target=self._work, name="ai-monitoring-evaluator", daemon=True).start()

    def _work(self) -> None:
        while (call := self.calls.get()) is not None:
            call.run()
