"""Personal data and secrets in prompt and answer: types and counts, never values."""

import re
from collections import Counter
from typing import Final, Literal

from ai_monitoring.quality.detection import evaluation
from ai_monitoring.quality.evaluator import Evaluation, Exchange
from ai_monitoring.telemetry.redaction import redact

TYPES: Final = ("email", "phone", "card", "iban", "nir", "secret")

_MARK = re.compile(rf"\[({'|'.join(TYPES)})\]")


class PersonalDataEvaluator:
    """What redaction would take out. Findings are by direction and type: `prompt.email`, `response.iban`."""

    name = "personal_data"
    high_is: Literal["good", "bad", "neither"] = "bad"
    linear = True

    def evaluate(self, exchange: Exchange) -> Evaluation:
        """The label is the direction and type found most."""
        sides = (("prompt", exchange.prompt_text), ("response", exchange.response_text))
        return evaluation({f"{side}.{kind}": count for side, text in sides for kind, count in counts(text.raw).items()})


def counts(text: str) -> dict[str, int]:
    """How often each type stands in `text`. Marks such as `[email]` that were there before do not count."""
    redacted = redact(text)
    if redacted is text or redacted == text:
        return {}
    found = Counter(_MARK.findall(redacted))
    found.subtract(_MARK.findall(text))
    return {kind: count for kind, count in found.items() if count > 0}
