"""The page under watch, with a route of its own."""

import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from ai_monitoring import telemetry
from ai_monitoring.web.streamlit import watch
from examples.health import health


def healthy(_: Request) -> JSONResponse:
    content, status = health("streamlit", ("django", "fastapi"))
    return JSONResponse(content, status)


# Under watch: these two lines.
telemetry.set_up("streamlit")
app = st.App("page.py", **watch(routes=[Route("/health", healthy)]))
