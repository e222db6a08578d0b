"""LLM costs & usage: what models cost, what they are asked, how they answer."""

from grafana.boards.board import Board, intervals, row, values_of
from grafana.boards.links import runbook
from grafana.boards.panels import Frame, Panel, chart, number
from grafana.boards.queries import exemplars, series, value
from grafana_foundation_sdk.builders.prometheus import Dataquery as PromQL

CALLS = '{service=~"$service", model=~"$model"}'
SPENT = '{service=~"$service", model=~"$model", team=~"$team"}'
_RATE = f"sum by (currency, source) (llm:cost:rate5m{SPENT})"
_SO_FAR = f"sum by (currency, source) (sum_over_time(llm:cost:rate5m{SPENT}[$__range:1m])) * 60"
_MONTH_SECONDS = "(86400 * scalar(days_in_month()))"
_MONEY = "{{currency}} ({{source}})"


def _until(end: str, pace: str) -> str:
    """Spent so far, and what the rest of the period costs at the mean rate of the last `pace`."""
    return f"{_SO_FAR} + avg_over_time(({_RATE})[{pace}:1m]) * ({end} - $__range_s)"


def _money() -> list[Panel]:
    high = [runbook("llm/LLMCostHigh")]
    return [
        number(
            Frame(1, "Spent today", "Since midnight, by currency and by who counted it.", (0, 0, 6, 4), high),
            "none",
            value(_SO_FAR, _MONEY),
            time_from="now/d",
        ),
        number(
            Frame(
                2, "Today, at its end", "Spent today, and the rest of it at the last hour's pace.", (6, 0, 6, 4), high
            ),
            "none",
            value(_until("86400", "1h"), _MONEY),
            time_from="now/d",
        ),
        number(
            Frame(
                3, "Spent this month", "Since the first of the month; metrics are kept 45 days.", (12, 0, 6, 4), high
            ),
            "none",
            value(_SO_FAR, _MONEY),
            time_from="now/M",
        ),
        number(
            Frame(
                4,
                "This month, at its end",
                "Spent this month, and the rest of it at the last day's pace.",
                (18, 0, 6, 4),
                high,
            ),
            "none",
            value(_until(_MONTH_SECONDS, "1d"), _MONEY),
            time_from="now/M",
        ),
    ]


def _spent_by(label: str) -> PromQL:
    total = f"sum by ({label}, currency) (sum_over_time(llm:cost:rate5m{SPENT}[$interval:1m])) * 60"
    return series(total, f"{{{{{label}}}}}, {{{{currency}}}}")


def _cost() -> list[Panel]:
    return [
        *(
            chart(
                Frame(panel_id, f"Cost by {label}", "Each bar is the money spent within one interval.", (x, 5, 8, 8)),
                "none",
                _spent_by(label),
                stacked=True,
                interval="$interval",
            )
            for panel_id, label, x in ((11, "model", 0), (12, "provider", 8), (13, "team", 16))
        ),
        chart(
            Frame(
                14,
                "Cost within 24 hours",
                "Of all services, models and teams together, as the thresholds are: no variable applies.",
                (0, 13, 12, 8),
                [runbook("llm/LLMCostHigh")],
            ),
            "none",
            series("sum by (currency, source) (llm:cost:increase1d)", _MONEY),
            limits="llm_cost_per_day",
        ),
        chart(
            Frame(
                15,
                "Calls whose cost is unknown or estimated",
                "Without a price: the last hour's calls whose cost is missing from every sum. Estimated: calls an hour "
                "for which the provider told no usage.",
                (12, 13, 12, 8),
                [runbook("llm/LLMUnpricedModel")],
            ),
            "none",
            series(f"sum(llm:unpriced_requests:increase1h{CALLS}) or vector(0)", "without a price"),
            series(f"3600 * sum(llm:estimated_requests:rate5m{CALLS}) or vector(0)", "estimated"),
            limits="llm_unpriced_requests",
            severities=("warning",),
        ),
    ]


def _tokens() -> list[Panel]:
    return [
        chart(
            Frame(
                21,
                "Tokens a minute by service",
                "Input and output together, over 5 minutes. The thresholds hold for one service.",
                (0, 22, 12, 8),
                [runbook("llm/LLMTokensHigh")],
            ),
            "none",
            series(f"sum by (service, source) (llm:tokens_per_minute:rate5m{CALLS})", "{{service}} ({{source}})"),
            limits="llm_tokens_per_minute",
        ),
        chart(
            Frame(
                22,
                "Tokens a minute by type",
                "Input holds what is read from and written to a cache, output holds reasoning. Tokens know no team.",
                (12, 22, 12, 8),
            ),
            "none",
            series(f"60 * sum by (type) (llm:tokens:rate5m{CALLS})", "{{type}}"),
        ),
        chart(
            Frame(23, "Tokens a minute by model", "Input and output together, over 5 minutes.", (0, 30, 12, 8)),
            "none",
            series(f"sum by (model) (llm:tokens_per_minute:rate5m{CALLS})", "{{model}}"),
        ),
        chart(
            Frame(24, "Tokens a minute by provider", "Input and output together, over 5 minutes.", (12, 30, 12, 8)),
            "none",
            series(f"sum by (provider) (llm:tokens_per_minute:rate5m{CALLS})", "{{provider}}"),
        ),
    ]


def _calls() -> list[Panel]:
    buckets = f"sum by (model, le) (rate(llm_request_duration_seconds_bucket{CALLS}[$interval]))"
    return [
        chart(
            Frame(
                31, "Calls a second", "Over 5 minutes, by model. A call that was tried again is one.", (0, 39, 12, 8)
            ),
            "reqps",
            series(f"sum by (model, source) (llm:requests:rate5m{CALLS})", "{{model}} ({{source}})"),
        ),
        chart(
            Frame(
                32,
                "Share of calls that fail",
                "Over 5 minutes, the most of a model's services. A call that its caller gave up is no failure.",
                (12, 39, 12, 8),
                [runbook("llm/LLMErrorRate")],
            ),
            "percentunit",
            series(f"max by (model, source) (llm:errors:ratio_rate5m{CALLS})", "{{model}} ({{source}})"),
            limits="llm_errors_ratio",
        ),
        chart(
            Frame(
                33,
                "Latency: 95 of 100 answers are faster",
                "To the last token. Each point is a call with a trace: click it, then “Trace”. Calls that another "
                "instrumentation counted are in the alert LLMSlow, not here.",
                (0, 47, 12, 8),
                [runbook("llm/LLMSlow")],
            ),
            "s",
            exemplars(f"histogram_quantile(0.95, {buckets})", "{{model}}"),
            limits="llm_request_duration_seconds",
        ),
        chart(
            Frame(34, "Time to the first token", "Of streamed answers, over 5 minutes, by model.", (12, 47, 12, 8)),
            "s",
            series(f"max by (model) (llm:time_to_first_token_seconds:p50{CALLS})", "{{model}}: 50 of 100 are faster"),
            series(f"max by (model) (llm:time_to_first_token_seconds:p95{CALLS})", "{{model}}: 95 of 100 are faster"),
        ),
        chart(
            Frame(
                35,
                "Share of calls that the provider limits",
                "Answers of 429 within 10 minutes, those that a retry mended included.",
                (0, 55, 8, 8),
                [runbook("llm/LLMRateLimited")],
            ),
            "percentunit",
            series(f"max by (model, source) (llm:rate_limited:ratio_rate10m{CALLS})", "{{model}} ({{source}})"),
            limits="llm_rate_limited_ratio",
        ),
        chart(
            Frame(
                36,
                "Cache: share of look-ups that hit",
                "Of the provider's prompt cache, or of an application's own cache of answers. Over 5 minutes.",
                (8, 55, 8, 8),
            ),
            "percentunit",
            series('llm:cache_hits:ratio_rate5m{service=~"$service"}', "{{service}} ({{source}})"),
        ),
        chart(
            Frame(
                37,
                "Cache: money saved an hour",
                "Against the price of the same tokens without a cache.",
                (16, 55, 8, 8),
            ),
            "none",
            series('3600 * llm:cost_saved:rate5m{service=~"$service"}', "{{service}}, {{currency}}"),
        ),
    ]


BOARD = Board(
    uid="llm-costs",
    folder="AI",
    source="llm",
    description="What calls to language models cost and use, by model, provider and team, and how the models answer.",
    variables=[
        values_of("service", "llm:requests:rate5m"),
        values_of("model", 'llm:requests:rate5m{service=~"$service"}'),
        values_of("team", 'llm:cost:rate5m{service=~"$service"}'),
        intervals("5m", "15m", "1h", "6h", "1d", current="5m"),
    ],
    panels=[
        *_money(),
        row(10, "Cost", 4),
        *_cost(),
        row(20, "Tokens", 21),
        *_tokens(),
        row(30, "Calls", 38),
        *_calls(),
    ],
)
