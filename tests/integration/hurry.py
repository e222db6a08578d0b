"""A copy of the project in which a rehearsal takes a minute and not ten, by edits that a user could make.

What a rule compares, whom Alertmanager tells and what it says stay as they are. Shorter are the times: how far rules
look back, how long a condition must last, how often Prometheus asks, and how long Alertmanager collects. The demo's
traffic asks the FAQ more often, so that these windows hold enough questions; the tokens allowed grow with them.
"""

import re

import psutil
from checkout import Checkout

WAIT = 20
"""Seconds that a condition must last, instead of one to five minutes: its runbook is pasted meanwhile."""

WINDOW = 30
"""Seconds that rules look back over, instead of two to fifteen minutes."""

TOKENS = 20_000
"""Tokens a minute: the critical threshold of LLMTokensHigh."""

PROBED = 60
"""Seconds in which probes are counted: a rehearsal sends two a second, and 50 are critical."""

ROOM = 0.25
"""The share of the machine's memory that may be used beyond what is, before HostMemoryHigh warns."""


def hurry(copy: Checkout) -> None:
    """Shorten the copy's times, before its first start."""
    for file in (copy.root / "prometheus" / "rules").glob("*.yml"):
        text = re.sub(r"\[(2|5|10|15)m\]", f"[{WINDOW}s]", file.read_text(encoding="utf-8"))
        text = re.sub(r"\binterval: 30s", "interval: 5s", text)
        # Not the half hour of a critical alert on confidence: it would hold back the warning that is rehearsed.
        file.write_text(re.sub(r"\bfor: [125]m", f"for: {WAIT}s", text), encoding="utf-8")
    copy.edit("prometheus/prometheus.yml", "scrape_interval: 15s", "scrape_interval: 5s")
    copy.edit("prometheus/prometheus.yml", "evaluation_interval: 15s", "evaluation_interval: 5s")
    alertmanager = copy.root / "alertmanager" / "alertmanager.yml"
    text = re.sub(r"group_wait: 30s", "group_wait: 5s", alertmanager.read_text(encoding="utf-8"))
    alertmanager.write_text(re.sub(r"group_interval: \w+", "group_interval: 5s", text), encoding="utf-8")
    copy.edit("examples/traffic/schedule.py", r"requests\.ask_faq, every=40\.0", "requests.ask_faq, every=2.0")
    probes = r"(django_intrusion_attempts_total - min_over_time\(\w+)\[\w+\]"
    copy.edit("prometheus/rules/service.yml", probes, rf"\1[{PROBED}s]")
    # An outage is partial while an instance answered as long ago as the condition must last.
    copy.edit("prometheus/rules/service.yml", r"(service:available:ratio)\[1m\]", rf"\1[{WAIT}s]")
    threshold(copy, "llm_tokens_per_minute", "warning", TOKENS / 2)
    threshold(copy, "llm_tokens_per_minute", "critical", TOKENS)
    # No machine is filled up for a test: what is in use already counts.
    threshold(copy, "host_memory_used_ratio", "warning", round(psutil.virtual_memory().percent / 100 + ROOM, 2))


def threshold(copy: Checkout, name: str, severity: str, value: float) -> None:
    """Set a threshold in the copy's file, as a user would."""
    rule = rf"(record: threshold:{name}\n +labels: {{ severity: {severity} }}\n +expr:) \S+"
    copy.edit("prometheus/rules/thresholds.yml", rule, rf"\1 {value:g}")
