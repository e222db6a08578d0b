"""What is read of AI requests, a dimension at a time: each reading's name, words, unit and question.

In a question `$since` is the time that is looked back on.
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


FIVE_MINUTES, QUARTER, HOUR = 300, 900, 3600


@dataclass(frozen=True, slots=True)
class Reading:
    """`name` stands in JSON, `title` in a terminal.

    Where there is a `window`, in seconds, `expr` says how much there was within it, and all windows are added up;
    `most` is how many series are told, the largest of them.
    """

    name: str
    title: str
    unit: Unit
    expr: str
    window: int = 0
    most: int = 100


def _amount(series: str, by: str) -> str:
    """How much a rate per second, over five minutes, came to within these."""
    return f"{FIVE_MINUTES} * sum by ({by}) ({series})"


def _slowest(name: str) -> str:
    """The time within which 95 of 100 were answered."""
    return f"histogram_quantile(0.95, sum by (source, le) (avg_over_time(llm:{name}_seconds_bucket:rate5m[$since])))"


def _part(part: str) -> str:
    """Which share of calls had something."""
    calls = "sum by (source) (sum_over_time(llm:requests:rate5m[$since]))"
    return f"sum by (source) (sum_over_time({part}[$since])) / ({calls} > 0)"


DIMENSIONS = {
    "technical": (
        Reading("calls", "calls", Unit.COUNT, _amount("llm:requests:rate5m", "source"), FIVE_MINUTES),
        Reading("failed", "failed", Unit.SHARE, _part("llm:errors:rate5m")),
        Reading("p95_seconds", "95 of 100 within", Unit.SECONDS, _slowest("request_duration")),
        Reading("first_token_p95_seconds", "first token within", Unit.SECONDS, _slowest("time_to_first_token")),
        Reading(
            "tokens",
            "tokens",
            Unit.COUNT,
            _amount('llm:tokens:rate5m{type=~"input|output"}', "source, type"),
            FIVE_MINUTES,
        ),
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
        Reading(
            "evaluated", "answers looked at", Unit.COUNT, "sum by (check) (ai:answers_evaluated:increase15m)", QUARTER
        ),
        Reading("flagged", "of these found", Unit.COUNT, "sum by (check) (ai:flagged_answers:increase15m)", QUARTER),
        Reading(
            "prompt_attacks", "prompt attacks", Unit.COUNT, "sum by (kind) (ai:prompt_attacks:increase5m)", FIVE_MINUTES
        ),
    ),
    "finops": (
        Reading("cost", "spent", Unit.MONEY, _amount("llm:cost:rate5m", "currency, source"), FIVE_MINUTES),
        Reading(
            "cost_by_team",
            "by team",
            Unit.MONEY,
            _amount("llm:cost:rate5m", "team, currency, source"),
            FIVE_MINUTES,
            most=5,
        ),
        Reading(
            "cost_by_model",
            "by model",
            Unit.MONEY,
            _amount("llm:cost:rate5m", "model, currency, source"),
            FIVE_MINUTES,
            most=5,
        ),
        Reading(
            "saved", "saved by caches", Unit.MONEY, _amount("llm:cost_saved:rate5m", "currency, source"), FIVE_MINUTES
        ),
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
            "sum by (type) (ai:personal_data_sent:increase1h)",
            HOUR,
        ),
        Reading(
            "without_consent",
            "without consent",
            Unit.COUNT,
            "sum by (purpose) (ai:requests_without_consent:increase1h)",
            HOUR,
        ),
        Reading(
            "unapproved_models",
            "to models not approved",
            Unit.COUNT,
            "sum by (model) (ai:unapproved_model_requests:increase1h)",
            HOUR,
        ),
        Reading(
            "prohibited_uses",
            "prohibited uses",
            Unit.COUNT,
            "sum by (service) (ai:prohibited_requests:increase1h)",
            HOUR,
        ),
    ),
}
"""By the name that a record's results have, too."""
ALERTS = "alerts"
PAGES = (*DIMENSIONS, ALERTS)
"""Of the terminal dashboard."""
