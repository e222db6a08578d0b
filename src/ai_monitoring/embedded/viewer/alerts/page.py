"""`/alerts`: what fires, and what fired in a range."""

import asyncio
import time
from collections.abc import Coroutine, Iterable, Mapping
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
from ai_monitoring.embedded.viewer.sources import Client, SourceError
from ai_monitoring.embedded.viewer.templating import TEMPLATES
from ai_monitoring.embedded.viewer.times import TimeError, TimeRange, local_now, time_range

RANGES = (("Last hour", "now-1h"), ("6 hours", "now-6h"), ("24 hours", "now-24h"), ("7 days", "now-7d"))
MOST = 500
_FILTERS = ("severity", "service", "alert")


@dataclass(frozen=True, slots=True)
class AlertPages:
    prometheus: Prometheus
    client: Client
    library: Library

    def routes(self) -> list[Route]:
        return [Route("/alerts", self.page)]

    async def page(self, request: Request) -> Response:
        now, asked = time.time(), {name: request.query_params.get(name, "") for name in _FILTERS}
        chosen, ends, range_error = _range(request.query_params)
        (firing, firing_error), (fired, fired_error) = await asyncio.gather(
            _or_error(active(self.client, self.library)),
            _or_error(past(self.prometheus, self.library, chosen, now)),
        )
        matching = _matching(fired, asked)
        context = {
            "now": now,
            "asked": asked,
            "range": chosen,
            "ends": ends,
            "range_error": range_error,
            "ranges": [(text, begin, _address(asked, begin)) for text, begin in RANGES],
            "step": step_of(chosen),
            "firing": _worth_telling(_matching(firing, asked), asked),
            "firing_error": firing_error,
            "fired": matching[:MOST],
            "fired_error": fired_error,
            "left_out": max(0, len(matching) - MOST),
            "severities": SEVERITIES,
            "services": sorted({alert.service for alert in [*firing, *fired]} | {asked["service"]} - {""}),
        }
        return TEMPLATES.TemplateResponse(request, "alerts.html", context)


def _range(asked: Mapping[str, str]) -> tuple[TimeRange, tuple[str, str], str]:
    """The range that is asked for, and as it was written; the last 24 hours, and why, where it is none."""
    now, usual = local_now(), ("now-24h", "now")
    ends = (asked.get("from") or usual[0], asked.get("to") or usual[1])
    try:
        return time_range(*ends, now), ends, ""
    except TimeError as error:
        return time_range(*usual, now), usual, str(error)


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


def _worth_telling(alerts: Iterable[Alert], asked: Mapping[str, str]) -> list[Alert]:
    """Severity none always fires, and is nothing to look at unless somebody asks."""
    return [alert for alert in alerts if alert.severity != "none" or asked["severity"] == "none"]


def _address(asked: dict[str, str], begin: str) -> str:
    return "/alerts?" + urlencode(
        {**{name: value for name, value in asked.items() if value}, "from": begin, "to": "now"}
    )
