"""Whose request it is: the Django API knows the athletes."""

from typing import Annotated, Any

import httpx2
from fastapi import Depends, Header, HTTPException

from ai_monitoring.web.calls import watch_client
from examples.settings import DJANGO_URL

django = watch_client(
    httpx2.AsyncClient(base_url=DJANGO_URL, timeout=2.0, trust_env=False), caller="fastapi", callee="django"
)


async def athlete(authorization: Annotated[str | None, Header()] = None) -> dict[str, Any]:
    """The athlete whose token this is, as the Django API knows them. 401 without one, 503 while the API is away."""
    if authorization is None:
        raise HTTPException(401, "A token is needed", {"WWW-Authenticate": "Bearer"})
    try:
        known = await django.get("/api/me/", headers={"Authorization": authorization})
    except httpx2.HTTPError as error:
        raise HTTPException(503, "The Django API does not answer") from error
    if known.status_code != 200:
        raise HTTPException(401, "The token is not valid", {"WWW-Authenticate": 'Bearer error="invalid_token"'})
    found: dict[str, Any] = known.json()
    return found


Athlete = Annotated[dict[str, Any], Depends(athlete)]
