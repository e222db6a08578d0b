"""Each record as one log line: what was measured, and never the prompt, the answer or the user."""

import logging
from collections.abc import Mapping
from typing import Any

from ai_monitoring.collector.request import AIRequest

logger = logging.getLogger("ai_monitoring.requests")


def log(request: AIRequest, readings: Mapping[str, Any]) -> None:
    """At INFO, with the figures as attributes; those that nobody measured are left out."""
    if not logger.isEnabledFor(logging.INFO):
        return
    technical = readings["technical"]
    logger.info(
        "AI request: %s %s, %s after %.2f s",
        request.provider,
        request.model,
        technical.status,
        request.latency_ms / 1000,
        extra={name: value for name, value in _figures(request, readings).items() if value is not None},
    )


def _figures(request: AIRequest, readings: Mapping[str, Any]) -> dict[str, Any]:
    technical, cost = readings["technical"], readings["finops"].cost
    return {
        "request_id": request.request_id,
        "gen_ai.provider.name": request.provider,
        "gen_ai.request.model": request.model,
        "gen_ai.operation.name": request.operation,
        "gen_ai.usage.input_tokens": request.input_tokens,
        "gen_ai.usage.output_tokens": request.output_tokens,
        "status": technical.status,
        "seconds": round(request.latency_ms / 1000, 4),
        "first_token_seconds": _seconds(request.time_to_first_token_ms),
        "team": request.team,
        "project": request.project,
        "cost": float(cost.total_cost),
        "currency": cost.currency,
        "documents": list(request.documents) or None,
        "retrieved": len(request.documents or request.context) or None,
        **_worth(readings["cognitive"]),
    }


def _worth(cognitive: Any) -> dict[str, Any]:
    found = {name: getattr(cognitive, name) for name in ("toxicity", "bias", "attacks")}
    return {
        "quality": cognitive.quality.overall_score,
        "groundedness": cognitive.groundedness.score,
        "sentiment": cognitive.sentiment.score,
        "confidence": cognitive.confidence.value,
        "language": cognitive.language.code or None,
        "hallucination": cognitive.hallucination.detected or None,
        **{name: detection.main for name, detection in found.items() if detection.detected},
        "personal_data": ",".join(sorted(cognitive.personal_data)) or None,
    }


def _seconds(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else round(milliseconds / 1000, 4)
