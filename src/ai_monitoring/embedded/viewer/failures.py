"""What is answered when there is nothing to show: pages in the viewer's frame, JSON under /api."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ai_monitoring.embedded.viewer.access.headers import HEADERS
from ai_monitoring.embedded.viewer.templating import TEMPLATES

_TITLES = {404: "Not found", 405: "Not possible"}


async def refused(request: Request, error: Exception) -> Response:
    """The answer to an HTTPException: its own text, or that there is no such page."""
    if not isinstance(error, HTTPException):
        raise error
    told = error.detail if error.detail != "Not Found" else f"There is no page at {request.url.path}."
    title = _TITLES.get(error.status_code, "Refused")
    return _answer(request, error.status_code, title, told, dict(error.headers or {}))


async def failed(request: Request, _: Exception) -> Response:
    """The answer to a defect. It tells nothing of the inside; the log does."""
    text = "The viewer failed to make this page. The reason is in its log: python3 start_monitoring.py logs embedded"
    # This answer is sent from outside the middleware that sets the headers.
    return _answer(request, 500, "Something broke", text, HEADERS)


def _answer(request: Request, status: int, title: str, text: str, headers: dict[str, str]) -> Response:
    if request.url.path.startswith("/api/"):
        return JSONResponse({"error": text}, status_code=status, headers=headers)
    context = {"title": title, "text": text}
    return TEMPLATES.TemplateResponse(request, "error.html", context, status_code=status, headers=headers)
