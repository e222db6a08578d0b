"""Logs & Debugging: from a number to the lines to the trace."""

from grafana.boards.board import Board, choice, intervals, text, values_in_logs
from grafana.boards.links import errors_in_logs, runbook
from grafana.boards.panels import SERVICES, Frame, Panel, chart, found_traces, lines
from grafana.boards.queries import latencies, log_lines, log_series, series, traces

LEVELS = {
    "trace": "#454545",
    "debug": "#A0A0A0",
    "info": "#299C46",
    "warn": "orange",
    "error": "red",
    "critical": "#8B0A32",
    "fatal": "purple",
    "unknown": "text",
}
"""Loki's levels, and their colours: worse ones are nearer to red."""
STREAMS = '{service_name=~"$service"}'
_ERRORS = 'detected_level=~"error|critical|fatal"'


def _numbers() -> list[Panel]:
    return [
        chart(
            Frame(
                1,
                "Lines by level",
                "Of all chosen services, within each interval. Loki finds the level; `unknown` tells none.",
                (0, 0, 12, 8),
            ),
            "none",
            log_series(
                f'sum by (detected_level) (count_over_time({STREAMS} | detected_level=~"$level" [$interval]))',
                "{{detected_level}}",
            ),
            stacked=True,
            interval="$interval",
            colours=LEVELS,
        ),
        chart(
            Frame(
                2,
                "Error lines by service",
                "Levels error, critical and fatal, within each interval.",
                (12, 0, 12, 8),
                [runbook("service/ServiceErrorRate")],
            ),
            "none",
            log_series(
                f"sum by (service_name) (count_over_time({STREAMS} | {_ERRORS} [$interval]))", "{{service_name}}"
            ),
            colours=SERVICES,
            stacked=True,
            interval="$interval",
        ),
        chart(
            Frame(
                3,
                "1. A number: share of requests that fail",
                "A line's name leads to that service's error lines, at the same time.",
                (0, 8, 12, 8),
                [runbook("service/ServiceErrorRate")],
            ),
            "percentunit",
            series('service:errors:ratio_rate5m{service=~"$service"}', "{{service}}"),
            colours=SERVICES,
            limits="service_errors_ratio",
            data_links=[errors_in_logs()],
        ),
        chart(
            Frame(
                4,
                "1. A number: time of a request, 95 of 100 are faster",
                "Each point is a request with a trace: click it, then “Trace”.",
                (12, 8, 12, 8),
                [runbook("django/DjangoSlow")],
            ),
            "s",
            *latencies(),
            colours=SERVICES,
            limits="django_request_duration_seconds",
        ),
    ]


def _lines() -> list[Panel]:
    return [
        lines(
            Frame(
                11,
                "2. The lines",
                "The newest 500 that have a chosen level and hold the text of “Search”. Open a line: “Trace” leads to "
                "the request that it belongs to.",
                (0, 16, 24, 14),
            ),
            log_lines(f'{STREAMS} | detected_level=~"$level" |~ "(?i)$search"'),
        ),
        found_traces(
            Frame(
                12,
                "3. The traces: with an error",
                "The newest traces in which a chosen service failed. A trace leads back to its spans' lines.",
                (0, 30, 12, 9),
            ),
            traces('{ resource.service.name =~ "$service" && status = error }'),
        ),
        found_traces(
            Frame(
                13,
                "3. The traces: slower than a second",
                "The newest traces with such a span of a chosen service.",
                (12, 30, 12, 9),
            ),
            traces('{ resource.service.name =~ "$service" && duration > 1s }'),
        ),
    ]


BOARD = Board(
    uid="logs",
    folder="Services",
    source="debugging",
    description="From a number to the log lines to the trace: all services' lines by level, errors over time, traces.",
    variables=[
        values_in_logs("service_name", "service"),
        choice("level", "Level", *LEVELS),
        text("search", "Search"),
        intervals("1m", "5m", "15m", "1h", current="5m"),
    ],
    panels=[*_numbers(), *_lines()],
)
