"""What the API answers."""

from typing import Any

import httpx2
from django.db import OperationalError, connection
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from rest_framework.decorators import api_view
from rest_framework.exceptions import PermissionDenied
from rest_framework.response import Response

from ai_monitoring.telemetry.spans import span
from ai_monitoring.web.calls import watch_client
from examples import health
from examples.django_service.models import Profile
from examples.settings import FASTAPI_URL

# A plan that takes longer than this is not worth waiting for: the athlete gets the basic one.
fastapi = watch_client(
    httpx2.Client(base_url=FASTAPI_URL, timeout=1.0, trust_env=False), caller="django", callee="fastapi"
)
ANSWER_SECONDS = 10.0
BASIC_PLAN = [{"week": week, "hours": 3.0, "focus": "easy running"} for week in range(1, 5)]


@api_view(["GET"])
def me(request: Any) -> Response:
    return Response(get_object_or_404(Profile, user=request.user).as_json())


@api_view(["GET"])
def profile(request: Any, pk: int) -> Response:
    return Response(_own_profile(request, pk).as_json())


@api_view(["POST"])
def plan(request: Any, pk: int) -> Response:
    """Ask the FastAPI service for a plan and keep it. `effort` is how many seconds it may think."""
    athlete = _own_profile(request, pk)
    question = {"goal": athlete.goal, "weekly_hours": athlete.weekly_hours, "effort": request.data.get("effort", 0.01)}
    try:
        answer = fastapi.post("/plans", json=question, headers={"Authorization": request.headers["Authorization"]})
        answer.raise_for_status()
    except httpx2.HTTPError as error:
        return Response({"basic": True, "because": type(error).__name__, "weeks": BASIC_PLAN})
    made = answer.json()
    weeks = made["weeks"]
    return Response(
        {"basic": False, "id": athlete.keep(weeks).pk, "weeks": weeks, "text": made.get("text", "")}, status=201
    )


@api_view(["POST"])
def question(request: Any) -> Response:
    """The gateway to the FAQ: passes the question on, and the answer back as it is."""
    headers = {"Authorization": request.headers["Authorization"]}
    with span("gateway") as gateway:
        try:
            answer = fastapi.post("/faq", json=request.data, headers=headers, timeout=ANSWER_SECONDS)
            content = answer.json()
        except (httpx2.HTTPError, ValueError) as error:
            gateway.fail(error)
            return Response({"detail": "The FAQ does not answer"}, status=502)
    return Response(content, status=answer.status_code)


@api_view(["POST"])
def broken(request: Any) -> Response:
    """Fails, so that the demo has an error to show."""
    raise RuntimeError("This view fails on purpose")


def live(_: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


def healthy(_: HttpRequest) -> JsonResponse:
    answer, status = health.health("django", ("fastapi",), {"database": _database_works()})
    return JsonResponse(answer, status=status)


def _database_works() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except OperationalError:
        return False
    return True


def _own_profile(request: Any, pk: int) -> Profile:
    found = get_object_or_404(Profile.objects.select_related("user"), pk=pk)
    if found.user != request.user:
        raise PermissionDenied
    return found
