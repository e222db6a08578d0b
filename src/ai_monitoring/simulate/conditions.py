"""What can be made to happen in the demo. Each condition is a context manager: it ends when it is left."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from itertools import cycle
from threading import Event, Thread

from ai_monitoring.simulate.demo import DemoService
from ai_monitoring.simulate.stage import Stage
from ai_monitoring.stack.errors import StackError

Condition = Callable[[Stage], AbstractContextManager[None]]
Attempt = tuple[str, str, Mapping[str, str] | None]
"""A request: method, path, content."""


def ordered(name: str, **orders: str) -> Condition:
    """A service of the demo follows these orders (examples/control.py), `_` standing for `-`."""
    named = {order.replace("_", "-"): value for order, value in orders.items()}

    @contextmanager
    def condition(stage: Stage) -> Iterator[None]:
        if name == "llm-upstream":
            _refuse_real_providers(stage)
        service = DemoService(stage.settings, name)
        service.check()
        service.order(named, stage.seconds)
        try:
            yield
        finally:
            with suppress(OSError, ValueError):
                service.withdraw(named)

    return condition


def halted(name: str) -> Condition:
    """A part of the demo does not run."""

    @contextmanager
    def condition(stage: Stage) -> Iterator[None]:
        stage.engine.halt(name)
        try:
            yield
        finally:
            stage.engine.resume(name)

    return condition


def attempted(name: str, attempts: Sequence[Attempt], every: float) -> Condition:
    """A client sends these requests to a service of the demo, each in its turn, one in `every` seconds."""

    @contextmanager
    def condition(stage: Stage) -> Iterator[None]:
        service = DemoService(stage.settings, name)
        service.check()
        over = Event()
        thread = Thread(target=_send, args=(service, attempts, every, over), daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    return condition


def _send(service: DemoService, attempts: Sequence[Attempt], every: float, over: Event) -> None:
    for method, path, content in cycle(attempts):
        with suppress(OSError):
            service.send(method, path, content)
        if over.wait(every):
            return


def _refuse_real_providers(stage: Stage) -> None:
    given = stage.settings.passed_on
    if real := [name for name in ("OPENAI_BASE_URL", "ANTHROPIC_BASE_URL", "LLM_UPSTREAM_URL") if given.get(name)]:
        raise StackError(
            f"The demo asks a real provider ({real[0]} in .env), which takes no orders.",
            "Take that line out, start the demo again, and rehearse with its stand-in.",
        )
