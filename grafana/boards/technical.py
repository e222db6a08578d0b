"""Technical: how fast models answer, how calls end, what providers limit and caches save."""

from grafana.boards.board import Board, row, values_of
from grafana.boards.links import board, runbook
from grafana.boards.panels import Frame, Panel, chart, number
from grafana.boards.queries import series, value

CALLS = '{service=~"$service", model=~"$model"}'
_SLOW = [runbook("llm/LLMSlow")]
_LIMITED = [runbook("llm/LLMRateLimited")]


def _now() -> list[Panel]:
    return [
        number(
            Frame(1, "Calls a second", "Over 5 minutes, by who counted them.", (0, 0, 6, 4), [board("llm-costs")]),
            "reqps",
            value(f"sum by (source) (llm:requests:rate5m{CALLS})", "{{source}}"),
        ),
        number(
            Frame(2, "Slowest model: 95 of 100 answers", "To the last token, over 5 minutes.", (6, 0, 6, 4), _SLOW),
            "s",
            value(f"topk(1, max by (model) (llm:request_duration_seconds:p95{CALLS}))", "{{model}}"),
        ),
        number(
            Frame(
                3,
                "Share of calls that fail",
                "Of all chosen models. A call that its caller gave up is no failure.",
                (12, 0, 6, 4),
                [runbook("llm/LLMErrorRate")],
            ),
            "percentunit",
            value(
                f"sum by (source) (llm:errors:rate5m{CALLS}) / (sum by (source) (llm:requests:rate5m{CALLS}) > 0)",
                "{{source}}",
            ),
        ),
        number(
            Frame(4, "Output tokens a second", "Of one call, on average of the chosen models.", (18, 0, 6, 4)),
            "none",
            value(f"avg by (source) (llm:output_tokens_per_second:mean5m{CALLS})", "{{source}}"),
        ),
    ]


def _total_time() -> Panel:
    shares = {"50": "p50", "95": "p95", "99": "p99"}
    return chart(
        Frame(11, "Total time", "From the call to the last token, over 5 minutes.", (0, 5, 12, 8), _SLOW),
        "s",
        *(
            series(f"max by (model) (llm:request_duration_seconds:{name}{CALLS})", f"{{{{model}}}}: {share} of 100")
            for share, name in shares.items()
        ),
        limits="llm_request_duration_seconds",
    )


def _speed() -> list[Panel]:
    return [
        _total_time(),
        chart(
            Frame(12, "Time to the first token", "Of streamed answers, over 5 minutes.", (12, 5, 12, 8), _SLOW),
            "s",
            series(f"max by (model) (llm:time_to_first_token_seconds:p50{CALLS})", "{{model}}: 50 of 100"),
            series(f"max by (model) (llm:time_to_first_token_seconds:p95{CALLS})", "{{model}}: 95 of 100"),
        ),
        chart(
            Frame(
                13,
                "Output tokens a second",
                "Of one call, on average: after the first token where it is streamed, else over its whole time.",
                (0, 13, 12, 8),
            ),
            "none",
            series(f"max by (model, source) (llm:output_tokens_per_second:mean5m{CALLS})", "{{model}} ({{source}})"),
        ),
        chart(
            Frame(14, "Tokens a minute by type", "Input holds cached ones, output reasoning.", (12, 13, 12, 8)),
            "none",
            series(f"60 * sum by (type) (llm:tokens:rate5m{CALLS})", "{{type}}"),
        ),
    ]


def _ends() -> list[Panel]:
    return [
        chart(
            Frame(
                21,
                "How calls end",
                "Calls a second by status: ok, or what kept them (connection, timeout, rate_limited, server_error, …).",
                (0, 22, 12, 8),
                [runbook("llm/LLMErrorRate")],
            ),
            "reqps",
            series(f"sum by (status) (llm:requests_by_status:rate5m{CALLS})", "{{status}}"),
        ),
        chart(
            Frame(22, "Share of calls that fail", "By model.", (12, 22, 12, 8), [runbook("llm/LLMErrorRate")]),
            "percentunit",
            series(f"max by (model, source) (llm:errors:ratio_rate5m{CALLS})", "{{model}} ({{source}})"),
            limits="llm_errors_ratio",
        ),
        chart(
            Frame(23, "Share of calls that are limited", "429, within 10 minutes.", (0, 30, 12, 8), _LIMITED),
            "percentunit",
            series(f"max by (model, source) (llm:rate_limited:ratio_rate10m{CALLS})", "{{model}} ({{source}})"),
            limits="llm_rate_limited_ratio",
        ),
        chart(
            Frame(24, "Share of cache look-ups that hit", "Over 5 minutes, by service.", (12, 30, 12, 8)),
            "percentunit",
            series('llm:cache_hits:ratio_rate5m{service=~"$service"}', "{{service}} ({{source}})"),
        ),
    ]


BOARD = Board(
    uid="technical",
    folder="AI",
    source="technical",
    description="How fast models answer and how calls to them end: total time, first token, tokens a second, errors, "
    "limits, caches.",
    variables=[
        values_of("service", "llm:requests:rate5m"),
        values_of("model", 'llm:requests:rate5m{service=~"$service"}'),
    ],
    panels=[*_now(), row(10, "Speed", 4), *_speed(), row(20, "How calls end", 21), *_ends()],
)
