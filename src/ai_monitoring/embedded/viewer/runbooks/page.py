"""`/runbooks`: all of them, by concern; `/runbooks/<concern>/<AlertName>`: one."""

from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ai_monitoring.embedded.viewer.runbooks.library import Library
from ai_monitoring.embedded.viewer.runbooks.markdown import render
from ai_monitoring.embedded.viewer.templating import TEMPLATES


@dataclass(frozen=True, slots=True)
class RunbookPages:
    library: Library

    def routes(self) -> list[Route]:
        return [Route("/runbooks", self.all), Route("/runbooks/{concern}/{name}", self.one)]

    def all(self, request: Request) -> Response:
        concerns = [(name, list(pages)) for name, pages in groupby(self.library.all(), lambda page: page.concern)]
        context = {"concerns": concerns, "folder": self.library.folder}
        return TEMPLATES.TemplateResponse(request, "runbooks.html", context)

    def one(self, request: Request) -> Response:
        concern, name = request.path_params["concern"], request.path_params["name"]
        page = self.library.find(concern, name)
        if page is None:
            raise HTTPException(404, f"There is no runbook {concern}/{name}. All that there are: /runbooks")
        # Safe: what renders it takes HTML for text.
        html = Markup(render(page.text(), concern))  # noqa: S704
        return TEMPLATES.TemplateResponse(request, "runbook.html", {"page": page, "html": html})
