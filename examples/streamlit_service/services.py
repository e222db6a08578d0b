"""What the page asks of the other two services."""

from collections.abc import Iterator
from typing import Any

import httpx2

from ai_monitoring.web.calls import watch_client
from examples.settings import DJANGO_URL, FASTAPI_URL

# Here and not in the page: a page runs again and again, a module once.
django = watch_client(
    httpx2.Client(base_url=DJANGO_URL, timeout=5.0, trust_env=False), caller="streamlit", callee="django"
)
fastapi = watch_client(
    httpx2.Client(base_url=FASTAPI_URL, timeout=5.0, trust_env=False), caller="streamlit", callee="fastapi"
)


def log_in(name: str, password: str) -> str | None:
    """An access token, or None where name and password do not belong together."""
    answer = django.post("/api/login/", json={"username": name, "password": password})
    if answer.status_code == 401:
        return None
    return str(_json(answer)["access"])


def profile(token: str) -> dict[str, Any]:
    return _json(django.get("/api/me/", headers=_bearer(token)))


def new_plan(token: str, athlete: int) -> dict[str, Any]:
    return _json(django.post(f"/api/profiles/{athlete}/plans/", json={"effort": 0.05}, headers=_bearer(token)))


def answer(token: str, question: str) -> str:
    """The FAQ's answer, through Django's gateway."""
    answer = django.post("/api/questions/", json={"question": question}, headers=_bearer(token), timeout=12.0)
    return str(_json(answer)["text"])


def coach(token: str, message: str) -> Iterator[str]:
    """A coaching session about one message: the coach's words as they come."""
    body = {"messages": [message]}
    with fastapi.stream("POST", "/coaching/sessions", json=body, headers=_bearer(token)) as words:
        words.raise_for_status()
        yield from words.iter_text()


def breathe(breaths: int, seconds: float) -> Iterator[str]:
    """The lines of a breathing exercise, each when it is time."""
    with fastapi.stream("GET", "/breathing", params={"breaths": breaths, "seconds": seconds}) as lines:
        for line in lines.iter_lines():
            yield line + "\n\n"


def _json(answer: httpx2.Response) -> dict[str, Any]:
    answer.raise_for_status()
    content: dict[str, Any] = answer.json()
    return content


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
