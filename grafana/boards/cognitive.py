"""Cognitive: what answers are worth, how sure they are, and what they may not say."""

from grafana.boards.board import Board, row, values_of
from grafana.boards.links import board, runbook
from grafana.boards.panels import SERVICES, Frame, Panel, chart, number
from grafana.boards.queries import series, value
from grafana.boards.security import NO_PROMPT_ATTACKS

OF = '{service=~"$service"}'
_CONFIDENCE = [runbook("quality/AnswerConfidenceLow")]
_FLAGGED = [
    runbook("quality/AnswersHallucinated"),
    runbook("quality/AnswersToxic"),
    runbook("quality/AnswersBiased"),
]


def _now() -> list[Panel]:
    return [
        number(
            Frame(1, "Quality by dimension", "0 to 1, the mean of 15 minutes and of all services.", (0, 0, 12, 4)),
            "percentunit",
            value(f"avg by (dimension) (ai:quality_score:mean15m{OF})", "{{dimension}}"),
        ),
        number(
            Frame(2, "Answers looked at", "Within 15 minutes, by check.", (12, 0, 12, 4), [board("technical")]),
            "none",
            value(f"sum by (check) (ai:answers_evaluated:increase15m{OF})", "{{check}}"),
        ),
    ]


def _worth() -> list[Panel]:
    return [
        chart(
            Frame(11, "Quality by dimension", "0 to 1, means of 15 minutes.", (0, 5, 12, 8)),
            "percentunit",
            series(f"avg by (dimension) (ai:quality_score:mean15m{OF})", "{{dimension}}"),
        ),
        chart(
            Frame(
                12,
                "Confidence in answers",
                "As the application says of its answers, the mean of 15 minutes; below a dashed line it is low.",
                (12, 5, 12, 8),
                _CONFIDENCE,
            ),
            "percentunit",
            series(f"ai:answer_confidence:mean15m{OF}", "{{service}}"),
            colours=SERVICES,
            limits="ai_answer_confidence",
        ),
        chart(
            Frame(13, "Mood of answers", "0 negative, 0.5 neutral, 1 positive: means of 15 minutes.", (0, 13, 12, 8)),
            "none",
            series(f"ai:sentiment_score:mean15m{OF}", "{{service}}"),
            colours=SERVICES,
        ),
        chart(
            Frame(14, "AI requests recorded a second", "By the way they came, each once.", (12, 13, 12, 8)),
            "reqps",
            series(f"sum by (way) (ai:records:rate5m{OF})", "{{way}}"),
        ),
    ]


def _dangers() -> list[Panel]:
    return [
        chart(
            Frame(
                21,
                "Share of answers that a check found",
                "Of those that it looked at within 15 minutes: surely hallucinated, toxic, biased.",
                (0, 22, 12, 8),
                _FLAGGED,
            ),
            "percentunit",
            series(f"max by (service, check) (ai:flagged_answers:ratio15m{OF})", "{{service}}: {{check}}"),
            limits="ai_flagged_answers_ratio",
        ),
        chart(
            Frame(22, "Answers that a check found", "Within 15 minutes.", (12, 22, 12, 8), _FLAGGED),
            "none",
            series(f"sum by (check) (ai:flagged_answers:increase15m{OF})", "{{check}}"),
        ),
        chart(
            Frame(
                23,
                "Prompt attacks by kind",
                "Prompts that try to make a model leave its instructions, in 5 minutes.",
                (0, 30, 24, 8),
                [board("security")],
            ),
            "none",
            series(f"sum by (kind) (ai:prompt_attacks:increase5m{OF})", "{{kind}}"),
            no_value=NO_PROMPT_ATTACKS,
        ),
    ]


def _evaluators() -> list[Panel]:
    return [
        chart(
            Frame(
                31,
                "Share of an evaluator's runs that fail",
                "Errors, and runs that took longer than they may, within 15 minutes. The request is not touched.",
                (0, 39, 12, 8),
            ),
            "percentunit",
            series(f"max by (evaluator) (ai:evaluator_failures:ratio15m{OF})", "{{evaluator}}"),
        ),
        chart(
            Frame(32, "Time of an evaluator's run", "On average of 15 minutes.", (12, 39, 12, 8)),
            "s",
            series(f"max by (evaluator) (ai:evaluator_duration_seconds:mean15m{OF})", "{{evaluator}}"),
        ),
    ]


BOARD = Board(
    uid="cognitive",
    folder="AI",
    source="cognitive",
    description="What answers are worth and whether they may be said: quality, confidence, hallucinations, toxicity, "
    "bias, attacks on prompts.",
    variables=[values_of("service", "ai:answers_evaluated:increase15m")],
    panels=[
        *_now(),
        row(10, "Worth", 4),
        *_worth(),
        row(20, "Dangers", 21),
        *_dangers(),
        row(30, "Evaluators", 38),
        *_evaluators(),
    ],
)
