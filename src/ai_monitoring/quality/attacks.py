"""Attempts to turn a model against its instructions, in the prompt and in retrieved documents."""

import re
from collections import Counter
from typing import Final, Literal

from ai_monitoring.quality.detection import evaluation
from ai_monitoring.quality.disguise import decoded, unmasked
from ai_monitoring.quality.evaluator import Evaluation, Exchange
from ai_monitoring.quality.lexicon import rule_set
from ai_monitoring.quality.text import Text, plain

ENCODED: Final = "encoded"
INDIRECT: Final = "indirect"
DELIMITER: Final = "delimiter"

# Marks that chat templates put around a system's or a user's turn (ChatML, Llama 2 and 3, XML), and headings like them.
_DELIMITER = re.compile(
    r"(?i)<\|(?:im_start|im_end|system|user|assistant|eot_id|start_header_id)\|>|\[/?INST\]|<</?SYS>>"
    r"|</system>\s{0,5}<system>|\[system\]\(#|^\s{0,5}#{2,4} {0,3}(?:system|système|instruction système)\s{0,3}:",
    re.MULTILINE,
)


class AttackEvaluator:
    """Injection and jailbreak attempts, by kind: override, prompt_leak, jailbreak, delimiter, exfiltration;
    `encoded` where one of them hides in base64, hexadecimal or ROT13; `indirect` where a retrieved document holds one.
    """

    name = "attacks"
    high_is: Literal["good", "bad", "neither"] = "bad"
    linear = True

    def evaluate(self, exchange: Exchange) -> Evaluation:
        """The label is the kind found most."""
        found = Counter(_attacks(exchange.prompt_text))
        indirect = sum(sum(_attacks(document).values()) for document in exchange.context_texts)
        return evaluation(found + Counter({INDIRECT: indirect}))


def _attacks(text: Text) -> dict[str, int]:
    found = dict(rule_set("attacks").findings(text.plain))
    if marks := sum(1 for _ in _DELIMITER.finditer(text.raw)):
        found[DELIMITER] = marks
    hidden = sum(1 for inner in decoded(text.raw) if rule_set("attacks").findings(plain(unmasked(inner))))
    if hidden:
        found[ENCODED] = hidden
    return found
