"""The HTTP routes by which data comes in, for the applications on ports 3100 and 4318."""

from starlette.routing import Route

from ai_monitoring.embedded.ingest import push
from ai_monitoring.embedded.ingest.loki_push import Push
from ai_monitoring.embedded.ingest.otlp_http import Otlp
from ai_monitoring.embedded.ingest.receiver import Receiver, TakeLogs


def loki_routes(receiver: Receiver) -> list[Route]:
    """Of port 3100."""
    return [
        Route("/loki/api/v1/push", Push(receiver).answer, methods=["POST"]),
        # Of Loki's first version, and of handlers for it.
        Route("/api/prom/push", Push(receiver, push.from_first_json).answer, methods=["POST"]),
        Route("/otlp/v1/logs", Otlp(receiver).logs_as_loki, methods=["POST"]),
    ]


def otlp_routes(receiver: Receiver, take_logs: TakeLogs | None = None) -> list[Route]:
    """Of port 4318; `take_logs` stores logs elsewhere than the receiver does."""
    otlp = Otlp(receiver, take_logs)
    return [
        Route("/v1/logs", otlp.logs, methods=["POST"]),
        Route("/v1/traces", otlp.traces, methods=["POST"]),
        Route("/v1/metrics", otlp.metrics, methods=["POST"]),
    ]
