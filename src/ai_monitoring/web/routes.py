"""The route template that answered an ASGI request: `/tenants/{tenant}/items/{item}`, never a raw path."""

from collections.abc import Iterable, Iterator, MutableMapping
from typing import Any, Final

from ai_monitoring.web.meter import UNMATCHED

Scope = MutableMapping[str, Any]

MAX_PREFIXES: Final = 1000
"""Mounted paths whose template is remembered: a mount under `/{tenant}` has as many as there are tenants."""

_FULL: Final = 2
"""The value of Starlette's `Match.FULL`; `Match.PARTIAL` (another method) is 1, `Match.NONE` 0."""


class RouteTemplates:
    """Tells the template of each request to one Starlette or FastAPI application, through routers and mounts.

    The router leaves the route that it chose in the scope. Where it does not (FastAPI's plain routes, Starlette before
    1.0, a middleware that copied the scope), the routes are matched again. The path of a redirect that only adds or
    drops a slash is unmatched, as is a path inside a mounted application that none of its routes answers; a mount
    without routes, such as static files, answers under its own path.
    """

    def __init__(self, app: Any) -> None:
        self._app = app
        self._prefixes: dict[str, str] = {}

    def of(self, scope: Scope, root_path: str) -> str:
        """The template for a scope that its router has filled in, or `unmatched`.

        `root_path` is what the scope held before its router saw it: each mount adds its own path.
        """
        route = scope.get("route")
        # Unlike a route, a mount has no methods: something inside it answered.
        if route is None or not hasattr(route, "methods"):
            return self._search(scope, root_path) or _frontend(scope, root_path) or UNMATCHED
        # FastAPI leaves the route as its router declared it; include_router's prefix stands in a private place.
        context = (scope.get("fastapi") or {}).get("effective_route_context")
        if context is not None and getattr(context, "original_route", None) is route:
            route = context
        template: str = route.path_format
        mounted = scope.get("root_path", "")
        if mounted == root_path:
            return template
        prefix = self._prefixes.get(mounted)
        if prefix is None:
            prefix = (self._search(scope, root_path) or "").removesuffix(template)
            if len(self._prefixes) < MAX_PREFIXES:
                self._prefixes[mounted] = prefix
        return prefix + template

    def _search(self, scope: Scope, root_path: str) -> str | None:
        routes = _routes(self._app) or _routes(scope.get("app"))
        # Nothing of what the first match left behind may steer the second.
        fresh = {key: scope[key] for key in ("type", "method", "path", "headers")}
        return _match(routes, {**fresh, "root_path": root_path})


def _frontend(scope: Scope, root_path: str) -> str | None:
    """The place of FastAPI's `app.frontend(...)`, which like a mount of files has no route of its own."""
    file = (scope.get("fastapi") or {}).get("frontend_path")
    path: str = scope["path"]
    if file is None or scope.get("root_path", "") != root_path or not path.endswith(file):
        return None
    return path.removeprefix(root_path).removesuffix(file).rstrip("/") or "/"


def _match(routes: Iterable[Any], scope: Scope) -> str | None:
    """The template of the first route that answers this path, or else of the first that would with another method."""
    partial = None
    for route in _flattened(routes):
        if not hasattr(route, "matches"):  # another framework's
            continue
        match, child = route.matches(scope)
        if match.value == _FULL:
            return _template(route, {**scope, **child})
        if match.value and partial is None:
            partial = _template(route, {**scope, **child})
    return partial


def _flattened(routes: Iterable[Any]) -> Iterator[Any]:
    """The routes, with FastAPI's included routers replaced by what they hold."""
    for route in routes:
        contexts = getattr(route, "effective_route_contexts", None)
        if contexts is None:
            yield route
        else:
            yield from contexts()


def _template(route: Any, scope: Scope) -> str | None:
    route = getattr(route, "starlette_route", None) or route
    path: str = getattr(route, "path_format", "")
    if hasattr(route, "methods"):
        return path
    prefix = path.removesuffix("/{path}")
    inner = getattr(route, "routes", None) or _routes(getattr(route, "app", None))
    if not inner:
        return prefix or "/"
    found = _match(inner, scope)
    return None if found is None else prefix + found


def _routes(app: Any) -> list[Any]:
    """The routes of an application, or of the one that its middleware wraps."""
    for _ in range(50):
        if app is None or getattr(app, "routes", None):
            break
        app = getattr(app, "app", None)
    return list(getattr(app, "routes", None) or ())
