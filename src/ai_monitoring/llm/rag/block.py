"""What queries and stages have in common: blocks that also decorate, and errors that stay inside."""

import inspect
import logging
import re
from collections.abc import Callable
from contextlib import AbstractContextManager, aclosing, suppress
from functools import wraps
from types import TracebackType
from typing import Any, Final, ParamSpec, Self, TypeVar, cast

from prometheus_client import CollectorRegistry

from ai_monitoring.metrics.declaration import OTHER
from ai_monitoring.metrics.instrument import instrument

P = ParamSpec("P")
R = TypeVar("R")

logger = logging.getLogger("ai_monitoring.rag")
_NAME: Final = re.compile(r"[\w.:/+-]{1,64}")


class Block:
    """A `with` or `async with` block, or a decorator of functions, coroutines and generators of either kind.

    A decorated function runs in a block of its own each time, a generator until it is read to its end or closed.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry

    def __enter__(self) -> Self:
        raise NotImplementedError

    def __exit__(
        self, cls: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self, cls: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(cls, error, trace)

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        return _inside(self._another, function)

    def _another(self) -> Self:
        raise NotImplementedError

    def _name(self, name: object) -> str:
        """A name of the application's as a label value. One with blanks or too long is `other`: a text, by mistake."""
        text = str(name)
        if _NAME.fullmatch(text):
            return text
        self._failed("A name of a strategy or stage has 1 to 64 letters, digits and any of . : / + - _")
        return OTHER

    def _failed(self, message: str) -> None:
        """Count an error of ours, or a wrong value of the application's, and keep it from the application."""
        with suppress(Exception):
            instrument("ai_monitoring_instrumentation_errors_total", self.registry)["rag"].inc()
        logger.debug(message, exc_info=True)


def _inside(another: Callable[[], AbstractContextManager[Any]], function: Callable[P, R]) -> Callable[P, R]:
    if inspect.isasyncgenfunction(function):
        inside = _async_generator_inside(another, function)
    elif inspect.isgeneratorfunction(function):
        inside = _generator_inside(another, function)
    elif inspect.iscoroutinefunction(function):
        inside = _coroutine_inside(another, function)
    else:
        inside = _function_inside(another, function)
    return cast(Callable[P, R], wraps(function)(inside))


def _function_inside(another: Callable[[], AbstractContextManager[Any]], function: Any) -> Any:
    def inside(*args: Any, **kwargs: Any) -> Any:
        with another():
            return function(*args, **kwargs)

    return inside


def _coroutine_inside(another: Callable[[], AbstractContextManager[Any]], function: Any) -> Any:
    async def inside(*args: Any, **kwargs: Any) -> Any:
        with another():
            return await function(*args, **kwargs)

    return inside


def _generator_inside(another: Callable[[], AbstractContextManager[Any]], function: Any) -> Any:
    def inside(*args: Any, **kwargs: Any) -> Any:
        with another():
            return (yield from function(*args, **kwargs))

    return inside


def _async_generator_inside(another: Callable[[], AbstractContextManager[Any]], function: Any) -> Any:
    async def inside(*args: Any, **kwargs: Any) -> Any:
        with another():
            async with aclosing(function(*args, **kwargs)) as items:
                async for item in items:
                    yield item

    return inside
