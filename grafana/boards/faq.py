"""FAQ & RAG: are questions answered, how fast, how surely, by which way and from which entry."""

from grafana.boards.board import Board, intervals, row, values_of
from grafana.boards.links import errors_in_logs, runbook
from grafana.boards.panels import Frame, Panel, chart, ranking, share_of_limit
from grafana.boards.queries import exemplars, log_value, series, value

OF = '{service=~"$service"}'
_FAILED = (
    'sum by (service) (avg_over_time(faq:requests:rate5m{service=~"$service", status=~"5.."}[15m]))'
    ' / (sum by (service) (avg_over_time(faq:requests:rate5m{service=~"$service"}[15m])) > 0)'
)
_QUESTIONS = 'sum by (faq_entry) (count_over_time({service_name=~"$service"} | faq_entry != "" [$__range]))'


def _latency(quantile: float) -> str:
    return f"histogram_quantile({quantile}, sum by (le) (rate(faq_response_time_seconds_bucket{OF}[$interval])))"


def _questions() -> list[Panel]:
    return [
        chart(
            Frame(
                1,
                "Questions a minute",
                "Over 5 minutes, by the answer's status: 422 is a question without words, 5xx a model that failed.",
                (0, 0, 9, 8),
            ),
            "none",
            series(f"60 * sum by (endpoint, status) (faq:requests:rate5m{OF})", "{{endpoint}}: {{status}}"),
            stacked=True,
        ),
        chart(
            Frame(
                2,
                "Time to an answer",
                "Of 100 answers, 50, 95 and 99 are faster. A point is a question with a trace: click it, then “Trace”. "
                "The dashed lines hold for 95 of 100.",
                (9, 0, 9, 8),
                [runbook("ai/AIRequestSlow")],
            ),
            "s",
            exemplars(_latency(0.5), "50 of 100"),
            exemplars(_latency(0.95), "95 of 100"),
            exemplars(_latency(0.99), "99 of 100"),
            limits="ai_request_duration_seconds",
        ),
        share_of_limit(
            Frame(
                3,
                "Failed questions against the limits",
                "The share of questions answered 5xx within 15 minutes, divided by the thresholds on a service's "
                "errors: 100 % is the threshold itself. Few questions make it jump.",
                (18, 0, 6, 8),
                [runbook("service/ServiceErrorRate")],
            ),
            *(
                value(
                    f'{_FAILED} / on () group_left () threshold:service_errors_ratio{{severity="{severity}"}}',
                    f"of the {severity} threshold",
                )
                for severity in ("warning", "critical")
            ),
        ),
        chart(
            Frame(
                4,
                "Confidence of answers",
                "Mean over 15 minutes, 0 to 1, by strategy. Below the dashed lines the answers are worth a look.",
                (0, 8, 12, 8),
                [runbook("rag/RAGLowConfidence")],
            ),
            "none",
            series(f"rag:confidence:mean15m{OF}", "strategy {{strategy}}"),
            series(f"faq:confidence:mean15m{OF}", "the FAQ as a whole"),
            limits="rag_confidence",
        ),
        ranking(
            Frame(
                5,
                "Most asked: entries of the FAQ",
                "Answers within the time range by the entry that they rest on, counted from log lines; “none” is one "
                "that no entry answers. What was asked is never written down.",
                (12, 8, 12, 8),
            ),
            "none",
            log_value(f"topk(10, {_QUESTIONS})", "{{faq_entry}}"),
        ),
    ]


def _retrieval() -> list[Panel]:
    return [
        chart(
            Frame(
                11,
                "Questions a minute by strategy",
                "A finds by words, B by meaning, C by both; “none” ended before one was chosen. Over 5 minutes.",
                (0, 17, 8, 8),
            ),
            "none",
            series(f"60 * rag:queries:rate5m{OF}", "strategy {{strategy}}"),
            stacked=True,
        ),
        chart(
            Frame(
                12,
                "Share of queries that fail, by strategy",
                "Over 5 minutes; few questions make it jump. A line's name leads to the service's error lines.",
                (8, 17, 8, 8),
                [runbook("llm/LLMErrorRate")],
            ),
            "percentunit",
            series(f"rag:errors:ratio_rate5m{OF}", "strategy {{strategy}}"),
            data_links=[errors_in_logs()],
        ),
        chart(
            Frame(13, "Documents that a search finds", "Mean over 5 minutes, by strategy.", (16, 17, 8, 8)),
            "none",
            series(f"rag:documents_retrieved:mean5m{OF}", "strategy {{strategy}}"),
        ),
        chart(
            Frame(14, "Time of a stage: 95 of 100 are faster", "Over 5 minutes.", (0, 25, 12, 8)),
            "s",
            series(f"rag:stage_duration_seconds:p95{OF}", "{{stage}}"),
        ),
        chart(
            Frame(
                15,
                "Where the time goes",
                "Seconds of work in a stage per second: the highest bar part is the stage to make faster.",
                (12, 25, 12, 8),
            ),
            "none",
            series(f"rag:stage_duration_seconds:rate5m{OF}", "{{stage}}"),
            stacked=True,
        ),
    ]


BOARD = Board(
    uid="faq-rag",
    folder="AI",
    source="faq",
    description="Questions to the FAQ: traffic, time, failures, confidence; strategies and stages of retrieval.",
    variables=[values_of("service", "rag:queries:rate5m"), intervals("5m", "15m", "1h", current="5m")],
    panels=[*_questions(), row(10, "Retrieval", 16), *_retrieval()],
)
