"""The command line of `ai-monitoring`."""

import argparse
import math
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from ai_monitoring import __version__
from ai_monitoring.cli import (
    alerts,
    audit,
    collect,
    compliance,
    deployed,
    erase,
    interactive,
    setup,
    summary,
)
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.terminal import Terminal

INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells have it."""


def parser() -> argparse.ArgumentParser:
    whole = argparse.ArgumentParser(prog="ai-monitoring", description="Work with the watch over your AI services.")
    whole.add_argument("--version", action="version", version=f"ai-monitoring {__version__}")
    verbs = whole.add_subparsers(dest="verb", metavar="VERB", title="verbs", required=True)
    # In the order in which help lists them.
    for add in (
        *(_add_setup, _add_status, alerts.add_to, summary.add_to, interactive.add_to, deployed.add_to, collect.add_to),
        *(_add_demo, _add_simulate, _add_reconcile, compliance.add_consent, audit.add_to, erase.add_to),
    ):
        add(verbs)
    return whole


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line says. Returns the exit status."""
    options = parser().parse_args(argv)
    try:
        return _VERBS[options.verb](options)
    except StackError as error:
        errors = Terminal(sys.stderr)
        errors.line(f"{errors.bad(error.problem)}\n{error.remedy}")
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        return INTERRUPTED


# Here are the verbs whose own modules need packages that the others do without.


def _add_setup(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    verb = verbs.add_parser(
        "setup",
        help="look at what a start needs, and ask for what is missing; or send test messages",
        description="Look at what a start needs, make .env, and ask how alerts should reach you.",
    )
    verb.add_argument(
        "--check", action="store_true", help="only send a test message through each channel that .env names"
    )
    verb.add_argument("--yes", action="store_true", help="ask nothing")
    verb.add_argument("--json", action="store_true", help="what became of each, for programs")


def _add_status(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    verb = verbs.add_parser(
        "status",
        help="parts, declared services and alerts of the watch",
        description="Say how the watch is, as `start_monitoring.py status` does: 0, 1 (not well) or 3 (not running).",
    )
    verb.add_argument("--json", action="store_true", help="for programs")


def _add_demo(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    verb = verbs.add_parser(
        "demo",
        help="start the watch with the demo, or replay a trace through a demo that runs",
        description="Start the watch with the demo. With --trace: send a recorded trace through a demo that runs.",
    )
    verb.add_argument(
        "--trace", type=Path, metavar="FILE", help="CSV with the columns TIMESTAMP, ContextTokens, GeneratedTokens"
    )
    verb.add_argument(
        "--speed",
        type=_speed,
        metavar="N",
        help="N times the trace's own pace; 0 or max: as fast as it goes; default: 1",
    )
    verb.add_argument("--json", action="store_true", help="with --trace: what was sent and counted, for programs")
    verb.add_argument("--service", metavar="URL", help="the demo's FastAPI service; default: where .env puts it")


def _add_simulate(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    verb = verbs.add_parser(
        "simulate",
        help="rehearse an incident in the demo; without a name, list them",
        description="Make an incident happen in the running demo, follow it, and undo it (docs/simulate.md).",
    )
    verb.add_argument("incident", nargs="?", metavar="INCIDENT", help="its name; without one, the list of them")
    verb.add_argument("--json", action="store_true", help="the list, or the times, for programs")


def _add_reconcile(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    verb = verbs.add_parser(
        "reconcile",
        help="compare the ledger with a provider's usage export",
        description="Compare the ledger with OpenAI's or Anthropic's export of costs or usage, by day and model. The "
        "exit status is 3 where the gap is at least the tolerance, 1 where the file or the ledger cannot be read.",
    )
    verb.add_argument("file", type=Path, metavar="FILE", help="the export, CSV or JSON")
    verb.add_argument("--json", action="store_true", help="the comparison for programs")
    verb.add_argument(
        "--tolerance", type=float, default=0.05, metavar="SHARE", help="of the bill, 0 to 1; default: 0.05"
    )


def _demo(options: argparse.Namespace) -> int:
    # Not at the top: the other verbs do without the packages that this one needs.
    from ai_monitoring.cli import demo

    if options.trace is None and (options.speed is not None or options.service is not None or options.json):
        parser().error("--speed, --service and --json go with --trace")
    if options.trace is None:
        return demo.start()
    speed = 1.0 if options.speed is None else options.speed
    return demo.replay_trace(options.trace, speed, options.service, as_json=options.json)


def _setup(options: argparse.Namespace) -> int:
    if options.check:
        return setup.check(as_json=options.json)
    # Not at the top: test messages need the standard library alone.
    from ai_monitoring.cli import prepare

    return prepare.run(yes=options.yes, as_json=options.json)


def _status(options: argparse.Namespace) -> int:
    from ai_monitoring.stack import commands

    return commands.main(["status", "--json"] if options.json else ["status"])


def _simulate(options: argparse.Namespace) -> int:
    from ai_monitoring.cli import simulate

    if options.incident is None:
        return simulate.show_list(as_json=options.json)
    return simulate.simulate(options.incident, as_json=options.json)


def _reconcile(options: argparse.Namespace) -> int:
    from ai_monitoring.cli import reconcile

    return reconcile.run(options)


_VERBS: dict[str, Callable[[argparse.Namespace], int]] = {
    "setup": _setup,
    "status": _status,
    "alerts": alerts.run,
    "audit": audit.run,
    "consent": compliance.run_consent,
    "summary": summary.run,
    "interactive": interactive.run,
    "deployed": deployed.run,
    "collect": collect.run,
    "demo": _demo,
    "erase": erase.run,
    "simulate": _simulate,
    "reconcile": _reconcile,
}


def _speed(text: str) -> float:
    """How many times the trace's own pace; infinity is as fast as it goes."""
    try:
        speed = math.inf if text == "max" else float(text)
    except ValueError:
        speed = -1.0
    if not speed >= 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a speed: a number, or max")
    return speed or math.inf
