"""AI Monitoring Overview: the five dimensions of AI requests on one page; each leads on to its own board."""

from grafana.boards.board import Board, row, values_of
from grafana.boards.devops import deployments
from grafana.boards.links import TITLES, board, runbook
from grafana.boards.overview import UP
from grafana.boards.panels import SERVICES, Frame, Panel, chart, number, state
from grafana.boards.queries import series, value
from grafana.boards.security import NO_PROMPT_ATTACKS
from grafana_foundation_sdk.builders.dashboard import DashboardLink

OF = '{service=~"$service"}'


def _on(uid: str, *runbooks: str) -> list[DashboardLink]:
    """To the dimension's board, where there is one, and to runbooks."""
    return [*([board(uid)] if uid in TITLES else []), *(runbook(name) for name in runbooks)]


def _technical() -> list[Panel]:
    return [
        chart(
            Frame(11, "Calls a second", "By model, over 5 minutes.", (0, 1, 8, 6), _on("technical")),
            "reqps",
            series(f"sum by (model, source) (llm:requests:rate5m{OF})", "{{model}} ({{source}})"),
        ),
        chart(
            Frame(
                12,
                "95 of 100 answers are faster",
                "By model, over 5 minutes.",
                (8, 1, 8, 6),
                _on("technical", "llm/LLMSlow"),
            ),
            "s",
            series(f"max by (model) (llm:request_duration_seconds:p95{OF})", "{{model}}"),
            limits="llm_request_duration_seconds",
        ),
        chart(
            Frame(13, "Share of calls that fail", "By model.", (16, 1, 8, 6), _on("technical", "llm/LLMErrorRate")),
            "percentunit",
            series(f"max by (model, source) (llm:errors:ratio_rate5m{OF})", "{{model}} ({{source}})"),
            limits="llm_errors_ratio",
        ),
    ]


def _cognitive() -> list[Panel]:
    return [
        chart(
            Frame(
                21, "Quality of answers", "0 to 1, by dimension, means of 15 minutes.", (0, 8, 8, 6), _on("cognitive")
            ),
            "percentunit",
            series(f"avg by (dimension) (ai:quality_score:mean15m{OF})", "{{dimension}}"),
        ),
        chart(
            Frame(
                22,
                "Answers that a check found",
                "Share of those it looked at within 15 minutes: surely hallucinated, toxic, biased.",
                (8, 8, 8, 6),
                _on("cognitive", "quality/AnswersHallucinated", "quality/AnswersToxic", "quality/AnswersBiased"),
            ),
            "percentunit",
            series(f"max by (check) (ai:flagged_answers:ratio15m{OF})", "{{check}}"),
            limits="ai_flagged_answers_ratio",
        ),
        chart(
            Frame(
                23, "Prompt attacks", "By kind, in 5 minutes.", (16, 8, 8, 6), _on("security", "security/PromptAttacks")
            ),
            "none",
            series(f"sum by (kind) (ai:prompt_attacks:increase5m{OF})", "{{kind}}"),
            no_value=NO_PROMPT_ATTACKS,
        ),
    ]


def _finops() -> list[Panel]:
    return [
        number(
            Frame(
                31,
                "Spent within 24 hours",
                "By currency and by who counted it; two may have counted the same call.",
                (0, 15, 8, 6),
                _on("finops", "llm/LLMCostHigh"),
            ),
            "none",
            value("sum by (currency, source) (llm:cost:increase1d)", "{{currency}}, {{source}}"),
        ),
        chart(
            Frame(32, "Spending an hour", "By team, over 5 minutes.", (8, 15, 8, 6), _on("llm-costs")),
            "none",
            series(
                f"3600 * sum by (team, currency, source) (llm:cost:rate5m{OF})", "{{team}}, {{currency}} ({{source}})"
            ),
        ),
        chart(
            Frame(33, "Saved by caches an hour", "Against the price without one.", (16, 15, 8, 6), _on("finops")),
            "none",
            series(f"3600 * sum by (currency, source) (llm:cost_saved:rate5m{OF})", "{{currency}} ({{source}})"),
        ),
    ]


def _devops() -> list[Panel]:
    return [
        state(
            Frame(
                41,
                "Services",
                "Whether every instance answers scrapes.",
                (0, 22, 8, 6),
                _on("devops", "service/ServiceDown"),
            ),
            UP,
            value(f"min by (service) (service:up{OF})", "{{service}}"),
        ),
        chart(
            Frame(
                42, "Processors in use", "1 is one processor kept busy, over 5 minutes.", (8, 22, 8, 6), _on("devops")
            ),
            "none",
            series(f"service:cpu_cores:rate5m{OF}", "{{service}}"),
            colours=SERVICES,
        ),
        deployments(
            Frame(43, "Deployments", "The latest of each version.", (16, 22, 8, 6), _on("devops")), "$service|all"
        ),
    ]


def _hour(id_: int, title: str, name: str, x: int, found: str) -> Panel:
    """What happened within an hour: a number that is 0 while all is well."""
    frame = Frame(id_, title, "Within an hour, of the chosen services.", (x, 29, 6, 4), _on("compliance", found))
    return number(frame, "none", value(f"sum(ai:{name}:increase1h{OF}) or vector(0)", "within an hour"))


def _compliance() -> list[Panel]:
    return [
        _hour(51, "Personal data sent", "personal_data_sent", 0, "compliance/PersonalDataSent"),
        _hour(52, "Without consent", "requests_without_consent", 6, "compliance/ConsentMissing"),
        _hour(53, "To models not approved", "unapproved_model_requests", 12, "compliance/UnapprovedModelUsed"),
        _hour(54, "Prohibited uses", "prohibited_requests", 18, "compliance/ProhibitedAIUse"),
    ]


BOARD = Board(
    uid="ai",
    folder="AI",
    source="ai_overview",
    description="AI requests in five dimensions: technical, cognitive, financial, operational, compliance.",
    variables=[values_of("service", "service:up")],
    panels=[
        row(10, "Technical", 0),
        *_technical(),
        row(20, "Cognitive", 7),
        *_cognitive(),
        row(30, "Financial", 14),
        *_finops(),
        row(40, "Operational", 21),
        *_devops(),
        row(50, "Compliance", 28),
        *_compliance(),
    ],
)
