"""`instrument()`: every call of the OpenAI and the Anthropic SDK under watch."""

import logging
from collections.abc import Callable, Mapping
from threading import RLock
from types import ModuleType

from prometheus_client import REGISTRY, CollectorRegistry

from ai_monitoring.llm import anthropic, openai
from ai_monitoring.llm.accounting import set_service_attribution
from ai_monitoring.llm.errors import count_error
from ai_monitoring.llm.imports import is_installed, when_imported
from ai_monitoring.llm.meter import prices
from ai_monitoring.llm.providers import Providers
from ai_monitoring.llm.stainless import SDK, Settings, watch_sdk

logger = logging.getLogger("ai_monitoring.llm")

SDKS = (
    SDK("openai", ("OpenAI", "AsyncOpenAI"), openai.OPERATIONS),
    SDK("anthropic", ("Anthropic", "AsyncAnthropic"), anthropic.OPERATIONS),
)

_lock = RLock()
_undo: list[Callable[[], None]] = []


def instrument(
    *,
    team: str | None = None,
    project: str | None = None,
    providers: Mapping[str, str] | None = None,
    registry: CollectorRegistry = REGISTRY,
) -> tuple[str, ...]:
    """Put the OpenAI and the Anthropic SDK under watch; returns the names of those that are installed.

    One that is not imported yet is watched from its import on; none is imported for this. `team` and `project` are what
    the service's calls are accounted to, unless a call or a context says otherwise. `providers` names the provider
    behind a host and its subdomains, such as {"llm.example.org": "vllm"}; otherwise the host of a known provider tells,
    or the client's class, or the SDK. Calling it again replaces these settings. Raises ConfigurationError where
    monitoring.yaml cannot be used: better at the start than a day without costs.
    """
    prices()
    set_service_attribution(team, project)
    with _lock:
        uninstrument()
        set_service_attribution(team, project)
        settings = Settings(registry, Providers(providers))
        installed = [sdk for sdk in SDKS if is_installed(sdk.name)]
        for sdk in installed:
            cancel = when_imported(sdk.name, _watcher(sdk, settings))
            _undo.append(cancel)
    names = tuple(sdk.name for sdk in installed)
    logger.info("Calls to language models under watch: %s", ", ".join(names) or "no SDK is installed")
    return names


def uninstrument() -> None:
    """Leave the SDKs as they were. Calls that are under way are still counted."""
    with _lock:
        while _undo:
            _undo.pop()()


def _watcher(sdk: SDK, settings: Settings) -> Callable[[ModuleType], None]:
    def watch(module: ModuleType) -> None:
        try:
            with _lock:
                _undo.append(watch_sdk(sdk, module, settings))
        except Exception:
            # The application goes on without a watch, and is told so.
            count_error("llm", settings.registry)
            logger.warning("This release of %s cannot be watched", sdk.name)

    return watch
