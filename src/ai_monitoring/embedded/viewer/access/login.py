"""Signing in as the launcher's administrator, and out again."""

import hmac
import math
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ai_monitoring.embedded.viewer.access.attempts import Attempts
from ai_monitoring.embedded.viewer.access.sessions import COOKIE, Sessions
from ai_monitoring.embedded.viewer.templating import TEMPLATES

USER = "admin"
MAX_BODY_BYTES = 8192


@dataclass(frozen=True, slots=True)
class Login:
    """`password` is the file that holds it, read at each attempt: a change holds at once."""

    password: Path
    sessions: Sessions
    attempts: Attempts = field(default_factory=Attempts)

    def routes(self) -> list[Route]:
        return [
            Route("/login", self.form, methods=["GET"]),
            Route("/login", self.sign_in, methods=["POST"]),
            Route("/logout", self.sign_out, methods=["POST"]),
        ]

    async def form(self, request: Request) -> Response:
        goal = local_path(request.query_params.get("next", ""))
        if self.sessions.valid(request.cookies.get(COOKIE, "")):
            return RedirectResponse(goal, status_code=303)
        return self._page(request, goal)

    async def sign_in(self, request: Request) -> Response:
        fields = await _fields(request)
        if fields is None:
            return self._page(request, "/", f"The form is larger than {MAX_BODY_BYTES} bytes.", 413)
        goal = local_path(fields.get("next", ""))
        if wait := self.attempts.wait():
            text = f"Too many failed attempts. Wait {math.ceil(wait)} s, then try again."
            return self._page(request, goal, text, 429, {"Retry-After": str(math.ceil(wait))})
        try:
            right = self._right(fields.get("user", ""), fields.get("password", ""))
        except OSError as error:
            text = f"The password cannot be read from {self.password}: {error.strerror}. Start the watch again."
            return self._page(request, goal, text, 503)
        if not right:
            self.attempts.failed()
            return self._page(request, goal, f"This is not the password of {USER}. It is in {self.password}.", 401)
        self.attempts.succeeded()
        answer = RedirectResponse(goal, status_code=303)
        answer.set_cookie(COOKIE, self.sessions.open(), httponly=True, samesite="strict")
        return answer

    async def sign_out(self, request: Request) -> Response:
        self.sessions.close(request.cookies.get(COOKIE, ""))
        answer = RedirectResponse("/login", status_code=303)
        answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
        return answer

    def _right(self, user: str, password: str) -> bool:
        """Takes as long for every wrong answer. Raises OSError when the file cannot be read."""
        wanted = self.password.read_text(encoding="utf-8").strip()
        same_user = _same(user, USER)
        # An empty file is no password, not an empty one.
        return _same(password, wanted) and same_user and bool(wanted)

    def _page(
        self, request: Request, goal: str, error: str = "", status: int = 200, headers: dict[str, str] | None = None
    ) -> Response:
        context = {"goal": goal, "error": error, "user": USER, "password_file": str(self.password)}
        return TEMPLATES.TemplateResponse(request, "login.html", context, status_code=status, headers=headers)


def local_path(text: str) -> str:
    """`text` if it is a path of this viewer, else `/`: what follows a login must not lead elsewhere."""
    strange = "\\" in text or any(ord(character) <= 0x20 or ord(character) == 0x7F for character in text)
    if strange or not text.startswith("/") or text.startswith(("//", "/login", "/logout")):
        return "/"
    return text


def _same(given: str, wanted: str) -> bool:
    digests = (sha256(text.encode(errors="replace")).digest() for text in (given, wanted))
    return hmac.compare_digest(*digests)


async def _fields(request: Request) -> dict[str, str] | None:
    """The form's fields; None when the body is too large."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            return None
    fields = parse_qs(body.decode(errors="replace"), keep_blank_values=True)
    return {name: values[0] for name, values in fields.items()}
