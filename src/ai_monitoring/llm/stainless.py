"""Watching the clients that Stainless generates, as the OpenAI and the Anthropic SDK are.

Whatever a user calls (`create`, `parse`, `stream`, raw and streaming responses), it ends in the `request` method that
their clients inherit, and every answer passes the `post_parser` of the request's options. Both are wrapped here;
`_should_retry` is too, which alone sees an answer of 429 that the SDK mends by trying again.
"""

import copy
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial, wraps
from types import ModuleType
from typing import Any

from prometheus_client import CollectorRegistry

from ai_monitoring.llm import claims
from ai_monitoring.llm.call import LLMCall
from ai_monitoring.llm.errors import count_error
from ai_monitoring.llm.providers import Providers
from ai_monitoring.llm.reading import Reading
from ai_monitoring.llm.streams import watch_close, watch_items
from ai_monitoring.llm.watch import Watch

_current: ContextVar[Watch | None] = ContextVar("ai_monitoring_llm_watch", default=None)


@dataclass(frozen=True, slots=True)
class SDK:
    """One SDK: its module's name, its two clients, and the operation and reading of each path that is watched."""

    name: str
    clients: tuple[str, str]
    operations: dict[str, tuple[str, type[Reading]]]


@dataclass(frozen=True, slots=True)
class Settings:
    registry: CollectorRegistry
    providers: Providers


def watch_sdk(sdk: SDK, module: ModuleType, settings: Settings) -> Callable[[], None]:
    """Put the SDK's clients under watch; returns what undoes it. Raises AttributeError where it has none."""
    with ExitStack() as undo:
        for name, wrap in zip(sdk.clients, (_sync_request, _async_request), strict=True):
            client = getattr(module, name)
            undo.callback(_replace(client, "request", partial(wrap, sdk=sdk, settings=settings)))
            with suppress(AttributeError):
                # Private, hence optional: without it, a 429 that a retry mends goes unseen.
                undo.callback(_replace(client, "_should_retry", _should_retry))
        return undo.pop_all().close


def _replace(client: type, name: str, wrap: Callable[[Any], Any]) -> Callable[[], None]:
    """Wrap a method on the class at the root of the clients, so that Azure's, Bedrock's and users' own inherit it."""
    owners = [base for base in client.__mro__ if name in vars(base)]
    if not owners:
        raise AttributeError(f"{client.__name__} has no {name}")
    owner = owners[-1]
    original = vars(owner)[name]
    if hasattr(original, "watched_by_ai_monitoring"):
        return lambda: None
    watched = wrap(original)
    watched.watched_by_ai_monitoring = True
    setattr(owner, name, watched)

    def restore() -> None:
        if vars(owner).get(name) is watched:  # and not what somebody else has wrapped around it since
            setattr(owner, name, original)

    return restore


def _sync_request(original: Any, sdk: SDK, settings: Settings) -> Any:
    @wraps(original)
    def request(self: Any, cast_to: Any, options: Any, *args: Any, **kwargs: Any) -> Any:
        watch, options = _begin(self, options, sdk, settings)
        if watch is None:
            return original(self, cast_to, options, *args, **kwargs)
        with _watching(watch):
            result = original(self, cast_to, options, *args, **kwargs)
        _returned(watch, result)
        return result

    return request


def _async_request(original: Any, sdk: SDK, settings: Settings) -> Any:
    @wraps(original)
    async def request(self: Any, cast_to: Any, options: Any, *args: Any, **kwargs: Any) -> Any:
        watch, options = _begin(self, options, sdk, settings)
        if watch is None:
            return await original(self, cast_to, options, *args, **kwargs)
        with _watching(watch):
            result = await original(self, cast_to, options, *args, **kwargs)
        _returned(watch, result)
        return result

    return request


def _should_retry(original: Any) -> Any:
    @wraps(original)
    def should_retry(self: Any, response: Any) -> Any:
        retries = original(self, response)
        watch = _current.get()
        # One that is not tried again becomes an exception, and is counted there.
        if retries and watch is not None and getattr(response, "status_code", None) == 429:
            watch.rate_limited()
        return retries

    return should_retry


@contextmanager
def _watching(watch: Watch) -> Iterator[None]:
    token, counted = _current.set(watch), claims.under_way.set(True)
    try:
        yield
    except BaseException as error:
        if getattr(error, "status_code", None) == 429:
            watch.rate_limited()
        watch.failed(error)
        raise
    finally:
        with suppress(ValueError):  # a coroutine that was driven on in another context
            _current.reset(token)
            claims.under_way.reset(counted)


def _begin(client: Any, options: Any, sdk: SDK, settings: Settings) -> tuple[Watch | None, Any]:
    """The watch over this request, if it is a call to a model, and the options to send it with."""
    try:
        found = sdk.operations.get(str(options.url).partition("?")[0])
        if found is None or options.method.lower() != "post":
            return None, options
        operation, reading = found
        body = options.json_data if isinstance(options.json_data, dict) else {}
        model, provider = body.get("model"), settings.providers(client, sdk.name)
        named = model if isinstance(model, str) and model else "unknown"
        call = LLMCall(provider, named, operation, registry=settings.registry)
        watch = Watch(call, reading(), body)
        return watch, _with_parser(options, watch)
    except Exception:
        count_error("llm")
        return None, options


def _with_parser(options: Any, watch: Watch) -> Any:
    """A copy of the options whose parser shows the answer to the watch before the user's own parser has it."""
    theirs = options.post_parser

    def parse(parsed: Any) -> Any:
        _parsed(watch, parsed)
        return theirs(parsed) if callable(theirs) else parsed

    watched = copy.copy(options)
    watched.post_parser = parse
    return watched


def _parsed(watch: Watch, parsed: Any) -> None:
    """Called by the SDK's `parse`: within `request`, or later where the user asked for a raw response."""
    try:
        if hasattr(parsed, "_iterator"):
            watch.opened()
            watch_close(parsed.response, watch)
            watch_items(parsed, watch)
        else:
            watch.whole(parsed)
            if watch.pending:
                watch.finished()
    except Exception:
        count_error("llm")


def _returned(watch: Watch, result: Any) -> None:
    """The request has its answer: parsed already, or a raw response whose body is there or is still to come."""
    try:
        if watch.streamed:
            return
        response = getattr(result, "http_response", result)
        if not getattr(response, "is_closed", True):
            watch.pending = True
            watch.opened()
            watch_close(response, watch)
            return
        if response is not result or not watch.answered:
            watch.whole(_json(response))
        watch.finished()
    except Exception:
        count_error("llm")


def _json(response: Any) -> Any:
    try:
        return response.json()
    except ValueError:
        return None
