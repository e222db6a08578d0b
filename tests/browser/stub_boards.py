"""Boards and data of every kind of panel, as the viewer's server answers them, without the server."""

import time
from typing import Any

from browser.stub_answers import ANSWERS, HOSTILE, HOUR, Json, lines, logs, table
from browser.stub_panels import every_kind, odd, sixteen
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from ai_monitoring.embedded.viewer.templating import STATIC, TEMPLATES

RANGES = [
    {"text": f"Last {name}", "from": f"now-{short}", "to": "now"}
    for name, short in (("15 minutes", "15m"), ("hour", "1h"), ("6 hours", "6h"), ("24 hours", "24h"), ("7 days", "7d"))
]
POLICY = b"default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"


class PolicyHeader:
    """The content policy that the viewer sends with everything."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_policy(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"content-security-policy", POLICY)]
            await send(message)

        await self.app(scope, receive, with_policy)


def stub() -> Starlette:
    """An application with the boards `all` (every kind), `many` (16 time series) and `odd` (hostile, broken, empty)."""
    routes = [
        Route("/dashboards", list_of_boards),
        Route("/d/{uid}", page("board.html")),
        Route("/trace/{id}", lambda request: Response("trace")),
        Route("/api/boards/{uid}", board),
        Route("/api/boards/{uid}/marks", lambda request: JSONResponse({"marks": []})),
        Route("/api/boards/{uid}/panels/{id:int}", panel),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]
    app = Starlette(routes=routes, middleware=[Middleware(PolicyHeader)])
    app.state.asked = []
    return app


def page(template: str) -> Any:
    return lambda request: TEMPLATES.TemplateResponse(request, template)


async def list_of_boards(request: Request) -> Response:
    return TEMPLATES.TemplateResponse(request, "boards.html", {"boards": boards()})


def boards() -> list[Json]:
    names = [("all", "Every kind", "Services"), ("many", "Sixteen", "Services"), ("odd", HOSTILE, "AI")]
    found: list[Json] = [
        {"uid": u, "title": t, "folder": f, "description": f"Board {u}", "url": f"/d/{u}", "error": ""}
        for u, t, f in names
    ]
    broken = {**found[0], "uid": "", "title": "broken.json", "url": "", "error": "No JSON: line 3."}
    return [*found, broken]


async def board(request: Request) -> JSONResponse:
    uid = request.path_params["uid"]
    panels = {"all": every_kind, "many": sixteen, "odd": odd}.get(uid)
    if panels is None:
        return JSONResponse({"error": f"There is no dashboard {uid}."}, 404)
    begin, end = bounds(request)
    title = HOSTILE if uid == "odd" else {"all": "Every kind", "many": "Sixteen"}[uid]
    return JSONResponse(
        {
            "uid": uid, "title": title, "description": "What the demo's services do.", "folder": "Services",
            "from": begin, "to": end, "time": {"from": "now-6h", "to": "now"}, "refresh": "30s",
            "refresh_intervals": ["", "10s", "30s", "1m", "5m"], "time_ranges": RANGES,
            "links": [{"title": "Runbooks", "url": "/runbooks", "new_tab": False}],
            "variables": variables(request), "panels": panels(),
        }
    )  # fmt: skip


def variables(request: Request) -> list[Json]:
    services = ["chat", "faq", "search", "billing", "ingest", "gateway", "worker", "web", "admin", HOSTILE]
    chosen = request.query_params.getlist("var-service") or ["$__all"]
    common: Json = {"description": "", "error": ""}
    return [
        {"name": "service", "label": "Service", "kind": "choice", "multi": True, "all": True, "values": chosen,
         "options": [{"text": "All", "value": "$__all"}, *({"text": s, "value": s} for s in services)], **common},
        {"name": "interval", "label": "Interval", "kind": "choice", "multi": False, "all": False,
         "values": request.query_params.getlist("var-interval") or ["1m"],
         "options": [{"text": text, "value": text} for text in ("1m", "5m", "1h")], **common},
        {"name": "search", "label": "Search", "kind": "text", "multi": False, "all": False,
         "values": request.query_params.getlist("var-search") or [""], "options": [], **common},
        {"name": "job", "label": "Job", "kind": "text", "multi": False, "all": False, "hidden": True,
         "values": ["chat"], "options": [], **common},
    ]  # fmt: skip


async def panel(request: Request) -> JSONResponse:
    request.app.state.asked.append(str(request.url.path) + "?" + str(request.query_params))
    uid, number = request.path_params["uid"], request.path_params["id"]
    begin, end = bounds(request)
    step = max(15_000, (end - begin) // 500)
    base: Json = {"from": begin, "to": end, "step": step, "errors": [], "empty": "", "series": [], "exemplars": []}
    if uid == "odd":
        return odd_answer(number, base)
    found = {one["id"]: one for one in (every_kind() if uid == "all" else sixteen())}[number]
    return JSONResponse({**base, "kind": found["kind"], **ANSWERS[found["kind"]](number, begin, end, step)})


def odd_answer(number: int, base: Json) -> JSONResponse:
    begin, end, step = base["from"], base["to"], base["step"]
    if number == 7:
        return JSONResponse({"error": "Prometheus at http://127.0.0.1:9090 does not answer."}, 502)
    more: dict[int, Json] = {
        2: {"errors": [{"ref": "A", "text": "Prometheus: parse error: unexpected end of input"}]},
        3: {"empty": "No requests yet. Start the demo."},
        4: {"table": table(4, begin, end, step)["table"]},
        5: logs(5, begin, end, step),
        6: {"series": [{**one, "name": HOSTILE + str(i)} for i, one in enumerate(lines(2, begin, end, step))]},
    }
    return JSONResponse({**base, **more[number]})


def bounds(request: Request) -> tuple[int, int]:
    """The range in milliseconds; Grafana's relative ends of whole minutes, hours and days only."""
    now = int(time.time() * 1000)
    units = {"s": 1000, "m": 60_000, "h": HOUR, "d": 24 * HOUR}

    def resolved(text: str) -> int:
        if text == "now":
            return now
        return now - int(text[4:-1]) * units[text[-1]] if text.startswith("now-") else int(text)

    return resolved(request.query_params.get("from", "now-6h")), resolved(request.query_params.get("to", "now"))


if __name__ == "__main__":
    import sys

    import uvicorn

    uvicorn.run(stub(), port=int(sys.argv[1]) if len(sys.argv) > 1 else 3000, log_level="warning")
