"""`ai-monitoring summary`: what AI requests were like, in five dimensions, over a time that is over."""

import argparse
import json
from datetime import UTC, datetime, timedelta

from ai_monitoring.cli import survey
from ai_monitoring.cli.alerts import duration
from ai_monitoring.cli.prometheus import Prometheus
from ai_monitoring.cli.readings import DIMENSIONS
from ai_monitoring.cli.readings_report import TITLES, event_lines, is_empty, line, lookback
from ai_monitoring.cli.survey import Events, Found
from ai_monitoring.cli.watch import Watch
from ai_monitoring.stack import settings
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.terminal import Terminal


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The verb, on the command line."""
    verb = verbs.add_parser(
        "summary",
        help="what the AI said and cost: technical, cognitive, financial, operational, compliance",
        description="Sum up what AI requests were like, in five dimensions, with incidents and deployments.",
    )
    verb.add_argument(
        "--since", metavar="TIME", type=duration, default=duration("24h"), help="such as 90m, 24h or 7d; default: 24h"
    )
    verb.add_argument("--json", action="store_true", help="as JSON, for programs")


def run(options: argparse.Namespace, terminal: Terminal | None = None) -> int:
    """Show it. Returns 0, and 1 where the incident log is silent; raises StackError where Prometheus is."""
    shown, chosen = terminal or Terminal(), settings.load()
    prometheus = Prometheus(chosen)
    found = {name: survey.dimension(name, options.since, prometheus) for name in DIMENSIONS}
    events, problem = _events(options.since, Watch(chosen))
    if options.json:
        shown.line(json.dumps(_as_json(options.since, found, events, problem), ensure_ascii=False))
    else:
        for each in _lines(options.since, found, shown):
            shown.line(each)
        for each in event_lines(events) if events else [shown.bad(problem)]:
            shown.line(each)
    return 0 if events else 1


def _events(since: timedelta, watch: Watch) -> tuple[Events | None, str]:
    """Or why they are unknown: the numbers are worth showing without them."""
    try:
        return survey.events(since, watch), ""
    except StackError as error:
        return None, f"{error.problem} Incidents and deployments are unknown."


def _as_json(since: timedelta, found: dict[str, list[Found]], events: Events | None, problem: str) -> object:
    now = datetime.now(UTC)
    return {
        "from": (now - since).isoformat(timespec="seconds"),
        "to": now.isoformat(timespec="seconds"),
        **{name: {one.reading.name: one.as_json() for one in several} for name, several in found.items()},
        **(events.as_json() if events else {}),
        "problems": [problem] if problem else [],
    }


def _lines(since: timedelta, found: dict[str, list[Found]], shown: Terminal) -> list[str]:
    lines = [shown.bold(f"AI requests of the last {lookback(since)}"), ""]
    for name, several in found.items():
        lines.append(shown.bold(TITLES[name]))
        lines += [f"  {_NOTHING}"] if is_empty(several) else [line(one) for one in several]
    return [*lines, shown.bold("Events")]


_NOTHING = "nothing was recorded"
