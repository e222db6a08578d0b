"""Watching a stream that an SDK returned, without changing its type or what it yields."""

from functools import cache
from typing import Any

from ai_monitoring.llm.watch import Watch


class SyncItems:
    """Stands where a stream keeps its iterator: hands on what comes, and tells the watch."""

    def __init__(self, items: Any, watch: Watch) -> None:
        self._items = items
        self._watch = watch

    def __iter__(self) -> "SyncItems":
        return self

    def __next__(self) -> Any:
        watch = self._watch
        # The SDK closes the response at its end, from within: that is no abandoned call.
        watch.busy = True
        try:
            item = self._items.__next__()
        except StopIteration:
            watch.finished()
            raise
        except BaseException as error:
            watch.failed(error)
            raise
        finally:
            watch.busy = False
        watch.chunk(item)
        return item

    def __getattr__(self, name: str) -> Any:
        return getattr(self._items, name)


class AsyncItems:
    """`SyncItems` for an asynchronous stream."""

    def __init__(self, items: Any, watch: Watch) -> None:
        self._items = items
        self._watch = watch

    def __aiter__(self) -> "AsyncItems":
        return self

    async def __anext__(self) -> Any:
        watch = self._watch
        watch.busy = True
        try:
            item = await self._items.__anext__()
        except StopAsyncIteration:
            watch.finished()
            raise
        except BaseException as error:
            watch.failed(error)
            raise
        finally:
            watch.busy = False
        watch.chunk(item)
        return item

    def __getattr__(self, name: str) -> Any:
        return getattr(self._items, name)


def watch_items(stream: Any, watch: Watch) -> None:
    """Tell `watch` of every item that the SDK's stream yields, and of its end.

    Raises AttributeError where the SDK no longer keeps its iterator in `_iterator`.
    """
    items = stream._iterator
    stream._iterator = AsyncItems(items, watch) if hasattr(items, "__anext__") else SyncItems(items, watch)
    watch.streamed = True


def watch_close(response: Any, watch: Watch) -> None:
    """Tell `watch` when the response's connection is released, whoever does it.

    The SDKs' helpers close the HTTP response rather than the stream, so this is where all of them meet. The body gets a
    subclass of its class: an attribute would hold the body in a cycle, and a dropped stream in memory.
    """
    body = response.stream
    body.__class__ = _told_of_close(type(body))  # type: ignore[arg-type] # classes can be hashed
    body.ai_monitoring_watch = watch


@cache
def _told_of_close(cls: type[Any]) -> type[Any]:
    if hasattr(cls, "ai_monitoring_watch"):
        return cls
    sync_close, async_close = getattr(cls, "close", None), getattr(cls, "aclose", None)

    def close(self: Any) -> None:
        self.ai_monitoring_watch.closed()
        sync_close(self)  # type: ignore[misc]

    async def aclose(self: Any) -> None:
        self.ai_monitoring_watch.closed()
        await async_close(self)  # type: ignore[misc]

    methods: dict[str, Any] = {"close": close} if sync_close else {}
    methods |= {"aclose": aclose} if async_close else {}
    return type(cls.__name__, (cls,), {"ai_monitoring_watch": None, "__module__": cls.__module__, **methods})
