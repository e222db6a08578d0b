"""`/`: everything that the glance is made of, asked at once."""

import asyncio
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ai_monitoring.embedded.viewer.alerts.active import active
from ai_monitoring.embedded.viewer.home import machine, services, watch
from ai_monitoring.embedded.viewer.home.verdict import BLIND, verdict
from ai_monitoring.embedded.viewer.prometheus import Prometheus
from ai_monitoring.embedded.viewer.runbooks.library import Library
from ai_monitoring.embedded.viewer.settings import Settings
from ai_monitoring.embedded.viewer.sources import Client, SourceError
from ai_monitoring.embedded.viewer.templating import TEMPLATES

_SERIES = f'{{__name__=~"{"|".join((*services.SERIES, *machine.SERIES))}"}}'
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class HomePage:
    settings: Settings
    prometheus: Prometheus
    client: Client
    library: Library

    def routes(self) -> list[Route]:
        return [Route("/", self.page)]

    async def page(self, request: Request) -> Response:
        errors: list[str] = []
        samples, targets, alerts = await asyncio.gather(
            _or_none(self.prometheus.now(_SERIES), errors),
            _or_none(self.prometheus.targets(), errors),
            _or_none(active(self.client, self.library), errors),
        )
        found = services.services(samples or (), alerts or ())
        # Without Prometheus nothing is known of the parts, the way of alerts included.
        parts = watch.parts(targets, alerts) if targets is not None else []
        said = verdict(errors, alerts or (), found, parts)
        context = {
            "now": time.time(),
            "errors": errors if said.headline != BLIND else [],
            "verdict": said,
            "alerts": [alert for alert in alerts or () if alert.severity != "none"],
            "alerts_known": alerts is not None,
            "services": found,
            "services_known": samples is not None,
            "parts": parts,
            "machine": machine.machine(samples or ()),
            "store": self.settings.store_size(),
            "boards": self.settings.boards(),
        }
        return TEMPLATES.TemplateResponse(request, "home.html", context)


async def _or_none(asking: Coroutine[Any, Any, T], errors: list[str]) -> T | None:
    """The answer; None when there is none, and why among `errors`, once."""
    try:
        return await asking
    except SourceError as error:
        if str(error) not in errors:
            errors.append(str(error))
        return None
