"""Doing something to a module as soon as it is imported, and never importing it for that."""

import importlib.util
import logging
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

logger = logging.getLogger("ai_monitoring.llm")

Then = Callable[[ModuleType], None]


class _OnImport(MetaPathFinder):
    """Finds one module as the other finders do, and adds to how it is executed."""

    def __init__(self, name: str, then: Then) -> None:
        self._name = name
        self._then = then

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self._name:
            return None
        others = [finder for finder in sys.meta_path if finder is not self]
        found = (finder.find_spec(fullname, path, target) for finder in others if hasattr(finder, "find_spec"))
        spec = next((spec for spec in found if spec is not None), None)
        if spec is not None and spec.loader is not None:
            self._extend(spec.loader)
        return spec

    def _extend(self, loader: object) -> None:
        """On this one loader, which is the module's own; it is as before once the module is executed."""
        execute = getattr(loader, "exec_module", None)

        def exec_module(module: ModuleType) -> None:
            del loader.exec_module  # type: ignore[attr-defined]
            if execute is not None:
                execute(module)
            self._then(module)

        try:
            loader.exec_module = exec_module  # type: ignore[attr-defined]
        except AttributeError:
            logger.debug("%s cannot be watched as it is imported", self._name, exc_info=True)


def when_imported(name: str, then: Then) -> Callable[[], None]:
    """Call `then` with the module: now, if it was imported already, else right after. Returns what calls that off.

    `then` must not raise.
    """
    module = sys.modules.get(name)
    if module is not None:
        then(module)
        return lambda: None

    def once(module: ModuleType) -> None:
        cancel()
        then(module)

    def cancel() -> None:
        with suppress(ValueError):
            sys.meta_path.remove(finder)

    finder = _OnImport(name, once)
    sys.meta_path.insert(0, finder)
    return cancel


def is_installed(name: str) -> bool:
    """Whether a top-level module can be imported."""
    try:
        return sys.modules.get(name) is not None or importlib.util.find_spec(name) is not None
    except ValueError:  # a module that somebody made by hand, without a spec
        return False
