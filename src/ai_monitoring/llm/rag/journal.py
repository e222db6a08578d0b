"""The log lines of a query, which people search for by their beginnings. Facts stand in structured fields too."""

import math
import os
from collections.abc import Mapping
from typing import Any, Final

from ai_monitoring.llm.rag.block import logger

LONGEST_QUESTION: Final = 2000
"""Characters of a question that are looked at and logged, where questions are logged at all."""

CUT_END: Final = 200


def low_confidence(environ: Mapping[str, str] = os.environ) -> float:
    """AI_MONITORING_LOW_CONFIDENCE, or 0.5. Raises ValueError when it is not between 0 and 1."""
    text = environ.get("AI_MONITORING_LOW_CONFIDENCE") or "0.5"
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= 1:
        raise ValueError(f"AI_MONITORING_LOW_CONFIDENCE: {text!r} is not a confidence between 0 and 1, such as 0.5")
    return value


# Told here, a wrong setting stops the start.
_low = low_confidence()


def question_received(text: str) -> None:
    """The question's text is withheld, unless AI_MONITORING_LOG_PROMPTS is `redacted`."""
    if logger.isEnabledFor(20):
        logger.info("Question received: %s", _shown(text), extra={"characters": len(text)})


def strategy_chosen(strategy: str) -> None:
    logger.info("Strategy chosen: %s", strategy, extra={"strategy": strategy})


def answered(strategy: str, seconds: float, confidence: float | None, documents: int | None) -> None:
    """One line for the answer, and a warning where its confidence is low."""
    facts: dict[str, Any] = {"strategy": strategy, "seconds": round(seconds, 3)}
    if documents is not None:
        facts["documents"] = documents
    if confidence is None:
        logger.info("Answered in %.2f s", seconds, extra=facts)
        return
    facts["confidence"] = round(confidence, 3)
    logger.info("Answered in %.2f s with confidence %.2f", seconds, confidence, extra=facts)
    if confidence < _low:
        logger.warning("Low confidence: %.2f, below %.2f, with strategy %s", confidence, _low, strategy, extra=facts)


def _shown(text: str) -> str:
    if os.environ.get("AI_MONITORING_LOG_PROMPTS") == "redacted":
        try:
            return _redacted(text)
        except Exception:
            logger.debug("The question could not be redacted", exc_info=True)
    return f"[withheld, {len(text)} characters]"


def _redacted(text: str) -> str:
    from ai_monitoring.telemetry.redaction import redact

    # On one line: a question may hold line breaks that look like log lines.
    shown = redact(" ".join(text[:LONGEST_QUESTION].split()))
    # Where a long question is cut, half an address or key may stand at the end, which nothing recognises.
    return shown if len(text) <= LONGEST_QUESTION else f"{shown[:-CUT_END]}…"
