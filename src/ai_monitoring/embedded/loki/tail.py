"""`tail`: new lines as they come, over a WebSocket."""

import asyncio
import time

from starlette.websockets import WebSocket, WebSocketDisconnect

from ai_monitoring.embedded.logql.errors import LogQLError
from ai_monitoring.embedded.logql.expressions import LogQuery
from ai_monitoring.embedded.logql.lines import found_lines
from ai_monitoring.embedded.logql.parser import parse
from ai_monitoring.embedded.loki import answers
from ai_monitoring.embedded.loki.parameters import Parameters
from ai_monitoring.embedded.loki.pool import BusyError, QueryPool
from ai_monitoring.embedded.loki.queries import Queries
from ai_monitoring.embedded.store.reader import QueryTimeoutError

_SECOND = 1_000_000_000
_LATE = 5 * _SECOND
"""Lines come a little after their time: so far back each look reaches again."""
_REFUSED = 1008


class Tail:
    """Looks every `pause` seconds for lines that have come since. At most `limits.tails` at once."""

    def __init__(self, queries: Queries, pool: QueryPool, pause: float = 1.0) -> None:
        self._queries, self._pool, self._pause = queries, pool, pause
        self._open = 0

    async def endpoint(self, socket: WebSocket) -> None:
        await socket.accept()
        if self._open >= self._queries.limits.tails:
            await socket.close(_REFUSED, f"max concurrent tail requests: {self._queries.limits.tails} are open")
            return
        self._open += 1
        gone = asyncio.create_task(_until_gone(socket))
        try:
            await self._follow(socket, gone)
        except (ValueError, LogQLError) as error:
            await socket.close(_REFUSED, str(error)[:120])
        except WebSocketDisconnect:
            pass
        finally:
            self._open -= 1
            gone.cancel()

    async def _follow(self, socket: WebSocket, gone: "asyncio.Task[None]") -> None:
        parameters = Parameters(socket.query_params)
        query = parse(parameters.text("query"))
        if not isinstance(query, LogQuery):
            raise LogQLError("tail needs a log query, not a metric query")
        limit = parameters.limit()
        self._queries.limits.check_entries(limit)
        begin = parameters.moment("start", time.time_ns() - 3600 * _SECOND)
        window = _Window(self._queries, query, begin, limit)
        while not gone.done():
            try:
                if answer := await self._pool.run(window.look):
                    await socket.send_json({"streams": answer, "dropped_entries": None})
            except (BusyError, QueryTimeoutError):
                pass  # the next look finds the same lines
            await asyncio.wait([gone], timeout=self._pause)


async def _until_gone(socket: WebSocket) -> None:
    try:
        while True:
            await socket.receive_text()
    except (WebSocketDisconnect, KeyError):
        return


class _Window:
    """What has been sent, so that a look sends only what is new. The first sends the newest `limit` lines."""

    def __init__(self, queries: Queries, query: LogQuery, begin: int, limit: int) -> None:
        self._queries, self._query, self._begin, self._limit = queries, query, begin, limit
        self._sent: dict[tuple[int, str, str], None] = {}

    def look(self) -> list[dict[str, object]]:
        end = time.time_ns() + _LATE
        with self._queries.reader() as reader:
            newest = list(found_lines(reader, self._query, self._begin, end, self._limit, backward=True))
        fresh = []
        for entry in reversed(newest):
            key = (entry.time, entry.line, str(entry.stream))
            if key not in self._sent:
                self._sent[key] = None
                fresh.append(entry)
        self._begin = max(self._begin, time.time_ns() - _LATE)
        self._sent = {key: None for key in self._sent if key[0] >= self._begin}
        return list(answers.streams(fresh, categorized=False)["data"]["result"])
