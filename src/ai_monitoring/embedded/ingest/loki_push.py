"""Loki's push API over HTTP, on port 3100."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from ai_monitoring.embedded.ingest import bodies, push
from ai_monitoring.embedded.ingest.content import Format, check_origin, format_of
from ai_monitoring.embedded.ingest.entries import Stream
from ai_monitoring.embedded.ingest.receiver import Receiver
from ai_monitoring.embedded.ingest.refusals import Refused

FromJson = Callable[[Any, int], Sequence[Stream]]


class Push:
    """Answers 204, or the status that Loki has for what is wrong, in plain text."""

    def __init__(self, receiver: Receiver, from_json: FromJson = push.from_json) -> None:
        self._receiver = receiver
        self._from_json = from_json

    async def answer(self, request: Request) -> Response:
        try:
            with self._receiver.turn() as turn:
                check_origin(request)
                kind = format_of(request)
                body = await bodies.read(request, self._receiver.limits, turn)
                encoding = request.headers.get("content-encoding", "")
                rejections = await self._receiver.lines(partial(self._streams, body, encoding, kind))
        except Refused as refused:
            return refusal(refused)
        return (
            PlainTextResponse(f"{rejections}\n", rejections.status) if rejections.count else Response(status_code=204)
        )

    def _streams(self, body: bytes, encoding: str, kind: Format) -> Sequence[Stream]:
        limits = self._receiver.limits
        content = bodies.inflate(body, encoding, limits)
        if kind == "json":
            return self._from_json(bodies.parse_json(content, limits), limits.records)
        return push.from_protobuf(bodies.unsnap(content, limits), limits.records, limits.messages)


def refusal(refused: Refused) -> Response:
    headers = {"Retry-After": str(refused.retry_after)} if refused.retry_after else None
    return PlainTextResponse(f"{refused}\n", refused.status, headers)
