"""One call of an SDK under watch, from its request to the last token, the exception or the dropped stream.

A stream may be dropped by the garbage collector, which runs in the middle of anything, also while its thread holds the
lock of a counter. Calls that end that way are ended by a thread of their own.
"""

import os
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any

from ai_monitoring.llm.call import LLMCall
from ai_monitoring.llm.error_kinds import status_of_failure
from ai_monitoring.llm.errors import count_error
from ai_monitoring.llm.estimate import estimate_tokens
from ai_monitoring.llm.finished import Told
from ai_monitoring.llm.outcome import Status
from ai_monitoring.llm.reading import Reading, prompt_text
from ai_monitoring.llm.usage import Usage


class Watch:
    """Follows one call and ends it once. Nothing here raises.

    It holds neither the response nor the stream, so that both go when the application lets go of them.
    """

    __slots__ = (
        "__weakref__",
        "_body",
        "_call",
        "_closed",
        "_over",
        "_reading",
        "answered",
        "busy",
        "pending",
        "streamed",
    )

    def __init__(self, call: LLMCall, reading: Reading, body: Any) -> None:
        self._call = call
        self._reading = reading
        self._body = body
        self._closed = self._over = False
        self.answered = False
        """The provider has answered, and not refused: what it used counts."""
        self.busy = False
        """An item of the stream is being awaited."""
        self.pending = False
        """The body of the answer is read later, by the application."""
        self.streamed = False
        """The answer comes as items of a stream."""

    def rate_limited(self) -> None:
        self._call.rate_limited()

    def whole(self, answer: Any) -> None:
        """The provider's answer, which was not streamed."""
        self.answered = True
        try:
            self._reading.whole(answer)
        except Exception:
            count_error("llm")

    def chunk(self, chunk: Any) -> None:
        """The next event of a stream."""
        try:
            if self._reading.chunk(chunk):
                self._call.first_token()
        except Exception:
            count_error("llm")

    def opened(self) -> None:
        """A body that is read later is there: its headers came, and told of no failure."""
        self.answered = True
        ender.start()

    def finished(self) -> None:
        self._end(self._reading.status)

    def failed(self, error: BaseException) -> None:
        self._end(status_of_failure(error), error)

    def closed(self) -> None:
        """The body's connection was released: at its end, or by an application that reads no further."""
        self._closed = True
        if self.streamed and not self.busy and not self._over:
            self._over = True
            ender.put(self)

    def __del__(self) -> None:
        if not self._over:
            self._over = True
            ender.put(self)

    def let_go(self) -> None:
        """End a call that nobody reads any more. What was closed unparsed was read some other way than ours."""
        read = self._reading.complete or (self._closed and not self.streamed)
        self._over = False
        self._end(self._reading.status if read else Status.ABANDONED)

    def _end(self, status: Status, error: BaseException | None = None) -> None:
        if self._over:
            return
        self._over = True
        try:
            self._count()
        except Exception:
            count_error("llm")
        self._call.end(status, error)

    def _count(self) -> None:
        reading = self._reading
        self._call.tell(Told(reading.id, self._body, tuple(reading.pieces)))
        if reading.model is not None:
            self._call.answered_by(reading.model)
        if reading.usage is not None:
            self._call.use(reading.usage)
        elif self.answered:
            self._call.estimate(self._estimate(reading))

    def _estimate(self, reading: Reading) -> Usage:
        output = estimate_tokens("".join(reading.pieces), reading.model)
        begun = reading.begun
        if begun is None:
            return Usage(input_tokens=estimate_tokens(prompt_text(self._body), reading.model), output_tokens=output)
        return Usage(
            input_tokens=begun.input_tokens,
            output_tokens=max(output, begun.output_tokens),
            cache_read_tokens=begun.cache_read_tokens,
            cache_write_tokens=begun.cache_write_tokens,
        )


class _Ender:
    """The thread that ends calls which were let go. SimpleQueue's `put` is safe in the garbage collector."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[Watch] = SimpleQueue()
        self._lock = Lock()
        self._running = False

    def put(self, watch: Watch) -> None:
        self._queue.put(watch)

    def start(self) -> None:
        """Start the thread, once in a process. It is a daemon: it never holds up an exit."""
        if not self._running:
            with self._lock:
                if not self._running:
                    Thread(target=self._run, name="ai-monitoring-llm", daemon=True).start()
                    self._running = True

    def _run(self) -> None:
        queue = self._queue
        while True:
            try:
                queue.get().let_go()
            except Exception:
                count_error("llm")


ender = _Ender()


def _start_anew() -> None:
    """A forked process has none of its parent's threads."""
    global ender
    ender = _Ender()


os.register_at_fork(after_in_child=_start_anew)
