"""Security & Auth: who is refused and why, from where, and what looks like an attack."""

from grafana.boards.board import Board, intervals, row, values_of
from grafana.boards.links import runbook
from grafana.boards.panels import SERVICES, Frame, Panel, chart, lines, ranking
from grafana.boards.queries import log_lines, log_series, log_value, series

OF = '{service=~"$service"}'
FAILURES = '{service_name=~"$service"} |= "Authentication failure: "'
ATTEMPTS = '{service_name=~"$service"} |= "Intrusion attempt: "'
NO_PROMPT_ATTACKS = "No service looks for prompt attacks: none exposes ai_prompt_attacks_total. See docs/alerts.md."
_SHORTENED = "Addresses are shortened to a network, unless a service's CLIENT_ADDRESS says otherwise."


def _authentication() -> list[Panel]:
    failures = [runbook("security/AuthFailures")]
    return [
        chart(
            Frame(
                1, "Failed authentications a minute", "Over 2 minutes, as the alert reads it.", (0, 0, 12, 8), failures
            ),
            "none",
            series(f"service:auth_failures_per_minute:rate2m{OF}", "{{service}}"),
            colours=SERVICES,
            limits="auth_failures_per_minute",
        ),
        chart(
            Frame(
                2,
                "Failed authentications by reason",
                "A minute, over 5 minutes. Wrong passwords are `bad_credentials`; `missing` brought none.",
                (12, 0, 12, 8),
                failures,
            ),
            "none",
            series(f"60 * sum by (reason) (service:auth_failures:rate5m{OF})", "{{reason}}"),
        ),
        chart(
            Frame(
                3,
                "Failed authentications by source, from logs",
                f"Within each interval, the ten with most. {_SHORTENED}",
                (0, 8, 12, 8),
                failures,
            ),
            "none",
            log_series(f"topk(10, sum by (client) (count_over_time({FAILURES} [$interval])))", "{{client}}"),
            stacked=True,
            interval="$interval",
        ),
        ranking(
            Frame(
                4, "Refused at, from logs", "Routes and reasons, over the whole time range.", (12, 8, 12, 8), failures
            ),
            "none",
            log_value(
                f"topk(10, sum by (endpoint, reason) (count_over_time({FAILURES} [$__range])))",
                "{{endpoint}}: {{reason}}",
            ),
        ),
    ]


def _attacks() -> list[Panel]:
    attempts = [runbook("security/IntrusionAttempts")]
    return [
        chart(
            Frame(
                11,
                "Intrusion attempts",
                "Requests within 5 minutes that look like an attack.",
                (0, 17, 12, 8),
                attempts,
            ),
            "none",
            series(f"sum by (service) (service:intrusion_attempts:increase5m{OF})", "{{service}}"),
            colours=SERVICES,
            limits="intrusion_attempts",
        ),
        chart(
            Frame(12, "Intrusion attempts by kind", "The pattern, within 5 minutes.", (12, 17, 12, 8), attempts),
            "none",
            series(f"sum by (kind) (service:intrusion_attempts:increase5m{OF})", "{{kind}}"),
        ),
        ranking(
            Frame(13, "Intrusion attempts by source, from logs", _SHORTENED, (0, 25, 12, 8), attempts),
            "none",
            log_value(f"topk(10, sum by (client) (count_over_time({ATTEMPTS} [$__range])))", "{{client}}"),
        ),
        chart(
            Frame(
                14, "Prompt attacks by kind", "Prompts against a model's instructions, in 5 minutes.", (12, 25, 12, 8)
            ),
            "none",
            series(f"sum by (kind) (ai:prompt_attacks:increase5m{OF})", "{{kind}}"),
            no_value=NO_PROMPT_ATTACKS,
        ),
    ]


def _lines() -> Panel:
    return lines(
        Frame(
            21,
            "The lines",
            "Refusals and attacks, the newest first. Open one: “Trace” leads to its request.",
            (0, 33, 24, 12),
        ),
        log_lines('{service_name=~"$service"} |~ "Authentication failure: |Intrusion attempt: "'),
    )


BOARD = Board(
    uid="security",
    folder="Services",
    source="security",
    description="Failed authentications by reason and source, attacks by pattern, and the log lines of both.",
    variables=[
        values_of("service", "service:requests:rate5m"),
        intervals("1m", "5m", "15m", "1h", current="5m"),
    ],
    panels=[*_authentication(), row(10, "Attacks", 16), *_attacks(), _lines()],
)
