"""`ai-monitoring deployed VERSION`: tell the watch of a deployment, so that dashboards mark it."""

import argparse
import json

from ai_monitoring.cli.watch import Watch
from ai_monitoring.stack import settings
from ai_monitoring.stack.terminal import Terminal

STATUSES = ("succeeded", "failed", "started")


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The verb, on the command line."""
    verb = verbs.add_parser(
        "deployed",
        help="tell of a deployment: dashboards mark it from then on",
        description="Tell the watch that a version was deployed just now. Dashboards mark it (docs/devops.md).",
    )
    verb.add_argument("version", metavar="VERSION", help="such as 1.4.2, or a commit")
    verb.add_argument("--service", metavar="NAME", help="as dashboards name it; default: all services")
    verb.add_argument("--status", choices=STATUSES, default=STATUSES[0], help="default: %(default)s")
    verb.add_argument("--json", action="store_true", help="as JSON, for programs")


def run(options: argparse.Namespace, terminal: Terminal | None = None) -> int:
    """Do it. Returns 0; raises StackError where the incident log does not answer, or refuses."""
    shown = terminal or Terminal()
    told = Watch(settings.load()).deployed(options.version, options.service or "", options.status)
    if options.json:
        shown.line(json.dumps(told, ensure_ascii=False))
        return 0
    of = "all services" if options.service is None else told["service"]
    shown.line(f"Noted: {told['version']} of {of}, {told['status']}, {told['at'][:16].replace('T', ' ')} UTC.")
    return 0
