"""A database that is slow to order: a rehearsal of what a missing index or a lock does."""

from collections.abc import Callable
from time import sleep

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from examples.control import Standing

QUERY_SECONDS = "query-seconds"

standing = Standing("django", frozenset({QUERY_SECONDS}))


class SlowDatabaseMiddleware:
    """While ordered to, each request to the API waits for a query that takes that long; its locks keep nobody out."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        seconds = standing.orders().get(QUERY_SECONDS)
        if seconds and request.path.startswith("/api/"):
            connection.ensure_connection()
            connection.connection.create_function("wait", 1, lambda number: sleep(min(max(number, 0.0), 10.0)))
            with connection.cursor() as cursor:
                cursor.execute("SELECT wait(%s)", [float(seconds)])
        return self._get_response(request)


def control(request: HttpRequest) -> JsonResponse:
    content, status = standing.answer(str(request.method), request.headers.get("Content-Type", ""), request.body)
    return JsonResponse(content, status=status)
