"""The upstream's routes."""

from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import uuid4

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from examples.control import Standing
from examples.settings import VERSION
from examples.upstream import chat, embeddings, messages, responses
from examples.upstream.answers import Answer, make_answer
from examples.upstream.delivery import Events, EventStream, client_left
from examples.upstream.errors import failure
from examples.upstream.orders import ORDERS, Orders, read_orders
from examples.upstream.prompts import read_prompt

standing = Standing("llm-upstream", ORDERS)
"""Orders that every request follows for a while, before its own."""


class Protocol(NamedTuple):
    """How one endpoint writes an answer, and what a request to it must hold."""

    provider: str
    needs: tuple[str, ...]
    whole: Callable[[Answer], dict[str, Any]]
    streamed: Callable[[Answer, dict[str, Any]], Events]


CHAT = Protocol("openai", ("model", "messages"), chat.whole, chat.streamed)
RESPONSES = Protocol("openai", ("model",), responses.whole, responses.streamed)
MESSAGES = Protocol("anthropic", ("model", "messages", "max_tokens"), messages.whole, messages.streamed)


def answering(protocol: Protocol) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        body, orders = await _read(request, protocol.needs)
        if refused := await _refusal(request, orders, protocol.provider):
            return refused
        answer = make_answer(str(body["model"]), read_prompt(body), orders)
        headers = {"x-request-id": f"req_{answer.id}", "request-id": f"req_{answer.id}"}
        if body.get("stream"):
            return EventStream(protocol.streamed(answer, body), orders, headers)
        if orders.hang_after is not None:
            await client_left(request.receive, None)
        return JSONResponse(protocol.whole(answer), headers=headers)

    return _said_as(protocol.provider, endpoint)


async def _embeddings(request: Request) -> Response:
    body, orders = await _read(request, ("model", "input"))
    if refused := await _refusal(request, orders, "openai"):
        return refused
    if orders.hang_after is not None:
        await client_left(request.receive, None)
    return JSONResponse(embeddings.whole(str(body["model"]), body, orders), headers={"x-request-id": uuid4().hex})


def _said_as(provider: str, endpoint: Callable[[Request], Any]) -> Callable[[Request], Any]:
    """What a request got wrong is told in the provider's own shape."""

    async def safe(request: Request) -> Response:
        try:
            response: Response = await endpoint(request)
        except ValueError as error:
            return failure(provider, 400, str(error))
        return response

    return safe


async def _read(request: Request, needs: tuple[str, ...]) -> tuple[dict[str, Any], Orders]:
    """Raises ValueError for a body that is no JSON object or lacks what is needed, and for orders that are none."""
    body = await request.json()
    if not isinstance(body, dict):
        raise ValueError("The body is not a JSON object")
    if missing := [name for name in needs if name not in body]:
        raise ValueError(f"{missing[0]}: field required")
    return body, read_orders({**request.headers, **standing.orders()})


async def _refusal(request: Request, orders: Orders, provider: str) -> Response | None:
    await client_left(request.receive, orders.latency)
    if orders.status is None:
        return None
    return failure(provider, orders.status, f"Answered {orders.status} to order", orders.retry_after)


async def _control(request: Request) -> Response:
    content_type = request.headers.get("content-type", "")
    return JSONResponse(*standing.answer(request.method, content_type, await request.body()))


async def _health(request: Request) -> Response:
    return JSONResponse({"status": "ok", "service": "llm-upstream", "version": VERSION})


async def _unknown(request: Request, error: Exception) -> Response:
    provider = "anthropic" if "anthropic-version" in request.headers else "openai"
    status = getattr(error, "status_code", 404)
    return failure(provider, status, f"Nothing answers {request.method} {request.url.path}")


app = Starlette(
    routes=[
        Route("/v1/chat/completions", answering(CHAT), methods=["POST"]),
        Route("/v1/responses", answering(RESPONSES), methods=["POST"]),
        Route("/v1/messages", answering(MESSAGES), methods=["POST"]),
        Route("/v1/embeddings", _said_as("openai", _embeddings), methods=["POST"]),
        Route("/health", _health),
        Route("/control", _control, methods=["GET", "POST", "DELETE"]),
    ],
    exception_handlers={404: _unknown, 405: _unknown},
)
