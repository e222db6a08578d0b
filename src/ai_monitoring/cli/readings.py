"""What is read of AI requests, a dimension at a time: each reading's name, words, unit and question.

In a question `$since` is the time that is looked back on, `$step` the seconds between the samples that are added up.
"""

from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    COUNT = "count"
    SECONDS = "seconds"
    SHARE = "ratio"
    MONEY = "money"
    CORES = "cores"
    BYTES = "bytes"
    STATE = "up"


@dataclass(frozen=True, slots=True)
class Reading:
    """`name` stands in JSON, `title` in a terminal."""

    name: str
    title: str
    unit: Unit
    expr: str


def _sum(series: str, by: str) -> str:
    """How much a rate per second came to."""
    return f"sum by ({by}) (sum_over_time({series}[$since:${{step}}s])) * $step > 0"


def _count(series: str, window: int, by: str) -> str:
    """How many there were, of a series that says at each moment how many there were in `window` seconds before."""
    return f"sum by ({by}) (sum_over_time({series}[$since:${{step}}s])) * $step / {window} > 0"


def _slowest(name: str) -> str:
    """The time within which 95 of 100 were answered."""
    return f"histogram_quantile(0.95, sum by (source, le) (avg_over_time(llm:{name}_seconds_bucket:rate5m[$since])))"


def _part(part: str) -> str:
    """Which share of calls had something."""
    calls = "sum by (source) (sum_over_time(llm:requests:rate5m[$since]))"
    return f"sum by (source) (sum_over_time({part}[$since])) / ({calls} > 0)"


DIMENSIONS = {
    "technical": (
        Reading("calls", "calls", Unit.COUNT, _sum("llm:requests:rate5m", "source")),
        Reading("failed", "failed", Unit.SHARE, _part("llm:errors:rate5m")),
        Reading("p95_seconds", "95 of 100 within", Unit.SECONDS, _slowest("request_duration")),
        Reading("first_token_p95_seconds", "first token within", Unit.SECONDS, _slowest("time_to_first_token")),
        Reading("tokens", "tokens", Unit.COUNT, _sum('llm:tokens:rate5m{type=~"input|output"}', "source, type")),
        Reading("rate_limited", "rate limited", Unit.SHARE, _part("llm:rate_limited:rate5m")),
        Reading(
            "cache_hits",
            "served from a cache",
            Unit.SHARE,
            "avg by (source) (avg_over_time(llm:cache_hits:ratio_rate5m[$since]))",
        ),
    ),
    "cognitive": (
        Reading(
            "quality", "quality", Unit.SHARE, "avg by (dimension) (avg_over_time(ai:quality_score:mean15m[$since]))"
        ),
        Reading("confidence", "confidence", Unit.SHARE, "avg(avg_over_time(ai:answer_confidence:mean15m[$since]))"),
        Reading("sentiment", "mood of answers", Unit.SHARE, "avg(avg_over_time(ai:sentiment_score:mean15m[$since]))"),
        Reading("evaluated", "answers looked at", Unit.COUNT, _count("ai:answers_evaluated:increase15m", 900, "check")),
        Reading("flagged", "of these found", Unit.COUNT, _count("ai:flagged_answers:increase15m", 900, "check")),
        Reading("prompt_attacks", "prompt attacks", Unit.COUNT, _count("ai:prompt_attacks:increase5m", 300, "kind")),
    ),
    "finops": (
        Reading("cost", "spent", Unit.MONEY, _sum("llm:cost:rate5m", "currency, source")),
        Reading("cost_by_team", "by team", Unit.MONEY, f"topk(5, {_sum('llm:cost:rate5m', 'team, currency, source')})"),
        Reading(
            "cost_by_model", "by model", Unit.MONEY, f"topk(5, {_sum('llm:cost:rate5m', 'model, currency, source')})"
        ),
        Reading("saved", "saved by caches", Unit.MONEY, _sum("llm:cost_saved:rate5m", "currency, source")),
        Reading("budget_used", "of its budget", Unit.SHARE, "max by (scope, name, period) (finops:budget_used:ratio)"),
        Reading(
            "budget_forecast",
            "at the period's end",
            Unit.SHARE,
            "max by (scope, name, period) (finops:budget_forecast:ratio)",
        ),
    ),
    "devops": (
        Reading("up", "now", Unit.STATE, "min by (service) (service:up)"),
        Reading(
            "availability",
            "available",
            Unit.SHARE,
            "avg by (service) (avg_over_time(service:available:ratio[$since]))",
        ),
        Reading("instances", "instances", Unit.COUNT, "service:instances_up"),
        Reading("cpu_cores", "processors", Unit.CORES, "avg_over_time(service:cpu_cores:rate5m[$since])"),
        Reading("memory_bytes", "memory", Unit.BYTES, "service:memory_bytes"),
        Reading(
            "gpu_memory",
            "GPU memory",
            Unit.SHARE,
            "max by (instance, gpu) (avg_over_time(gpu:memory_used:ratio[$since]))",
        ),
    ),
    "compliance": (
        Reading(
            "personal_data_sent",
            "personal data sent",
            Unit.COUNT,
            _count("ai:personal_data_sent:increase1h", 3600, "type"),
        ),
        Reading(
            "without_consent",
            "without consent",
            Unit.COUNT,
            _count("ai:requests_without_consent:increase1h", 3600, "purpose"),
        ),
        Reading(
            "unapproved_models",
            "to models not approved",
            Unit.COUNT,
            _count("ai:unapproved_model_requests:increase1h", 3600, "model"),
        ),
        Reading(
            "prohibited_uses",
            "prohibited uses",
            Unit.COUNT,
            _count("ai:prohibited_requests:increase1h", 3600, "service"),
        ),
    ),
}
"""By the name that a record's results have, too."""
