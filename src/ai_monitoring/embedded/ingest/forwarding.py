"""Where a real Loki runs, the logs that come by OTLP are its own: they are passed on, and its answer is ours."""

import asyncio
from collections.abc import Callable

import httpx2
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from ai_monitoring.embedded.ingest.messages import Status
from ai_monitoring.embedded.ingest.refusals import Refused, Rejections


class LokiForward:
    """Takes logs in a receiver's place. The client belongs to the caller, with its timeouts."""

    def __init__(self, client: httpx2.AsyncClient, loki_address: str) -> None:
        self._client = client
        self._loki = loki_address.rstrip("/")

    async def take_logs(self, decode: Callable[[], ExportLogsServiceRequest]) -> Rejections:
        """Pass on what `decode` finds. Raises Refused with Loki's own status, or 503 where Loki does not answer."""
        body = await asyncio.to_thread(lambda: decode().SerializeToString())
        headers = {"Content-Type": "application/x-protobuf"}
        try:
            answer = await self._client.post(f"{self._loki}/otlp/v1/logs", content=body, headers=headers)
        except httpx2.HTTPError as error:
            text = f"Loki at {self._loki} does not answer ({type(error).__name__}): start it, and send this again"
            raise Refused(503, text, "loki_unreachable", retry_after=5) from error
        if not answer.is_success:
            after = answer.headers.get("retry-after", "")
            raise Refused(answer.status_code, _words(answer), "loki", int(after) if after.isdigit() else None)
        return Rejections()


def _words(answer: httpx2.Response) -> str:
    try:
        return str(Status.FromString(answer.content).message) or f"Loki answers {answer.status_code}"
    except DecodeError:
        return answer.text[:1000]
