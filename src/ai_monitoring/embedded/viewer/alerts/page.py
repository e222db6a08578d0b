"""`/alerts`: what fires, and what fired in a range."""

import asyncio
import time
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ai_monitoring.embedded.viewer.alerts.active import active
from ai_monitoring.embedded.viewer.alerts.alert import SEVERITIES, Alert
from ai_monitoring.embedded.viewer.alerts.past import past, step_of
from ai_monitoring.embedded.viewer.prometheus import Prometheus
from ai_monitoring.embedded.viewer.runbooks.library import Library
from ai_monitoring.embedded.viewer.sources import Source, SourceError
from ai_monitoring.embedded.viewer.templating import TEMPLATES
from ai_monitoring.embedded.viewer.times import TimeError, time_range

RANGES = (("Last hour", "now-1h"), ("6 hours", "now-6h"), ("24 hours", "now-24h"), ("7 days", "now-7d"))
MOST = 500
_FILTERS = ("severity", "service", "alert")


@dataclass(frozen=True, slots=True)
class AlertPages:
    prometheus: Prometheus
    alertmanager: Source
    library: Library

    def routes(self) -> list[Route]:
        return [Route("/alerts", self.page)]

    async def page(self, request: Request) -> Response:
        now = time.time()
        asked = {name: request.query_params.get(name, "") for name in _FILTERS}
        range_error = ""
        try:
            chosen = time_range(request.query_params.get("from", "now-24h"), request.query_params.get("to", "now"), now)
        except TimeError as error:
            range_error, chosen = str(error), time_range("now-24h", "now", now)
        (firing, firing_error), (fired, fired_error) = await asyncio.gather(
            _or_error(active(self.alertmanager, self.library)),
            _or_error(past(self.prometheus, self.library, chosen, now)),
        )
        context = {
            "now": now,
            "asked": asked,
            "range": chosen,
            "range_error": range_error,
            "ranges": [(text, begin, _address(asked, begin)) for text, begin in RANGES],
            "step": step_of(chosen),
            "firing": [
                alert for alert in _matching(firing, asked) if alert.severity != "none" or asked["severity"] == "none"
            ],
            "firing_error": firing_error,
            "fired": _matching(fired, asked)[:MOST],
            "fired_error": fired_error,
            "left_out": max(0, len(_matching(fired, asked)) - MOST),
            "severities": SEVERITIES,
            "services": sorted({alert.service for alert in [*firing, *fired] if alert.service} | {asked["service"]}),
        }
        return TEMPLATES.TemplateResponse(request, "alerts.html", context)


async def _or_error(asking: Coroutine[Any, Any, list[Alert]]) -> tuple[list[Alert], str]:
    try:
        return await asking, ""
    except SourceError as error:
        return [], str(error)


def _matching(alerts: Iterable[Alert], asked: dict[str, str]) -> list[Alert]:
    def fits(alert: Alert) -> bool:
        values = {"severity": alert.severity, "service": alert.service, "alert": alert.name}
        return all(not wanted or values[name] == wanted for name, wanted in asked.items())

    return [alert for alert in alerts if fits(alert)]


def _address(asked: dict[str, str], begin: str) -> str:
    return "/alerts?" + urlencode(
        {**{name: value for name, value in asked.items() if value}, "from": begin, "to": "now"}
    )
