"""`ai-monitoring alerts`: what fires, what became of it, and who takes care of it."""

import argparse
import getpass
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from ai_monitoring import durations
from ai_monitoring.cli.alerts_report import incident_lines, list_lines, silence_lines
from ai_monitoring.cli.watch import Watch
from ai_monitoring.incidents.incident import CHOICES
from ai_monitoring.stack import settings
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.terminal import Terminal

FOUND = 3
"""Exit status of `alerts --exit-code` when it lists something."""


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The verb and its actions, on the command line."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="as JSON, for programs")
    verb = verbs.add_parser(
        "alerts",
        parents=[shared],
        help="what fires now and what was; acknowledge, note, silence",
        description="List incidents; with an action, do something about one. docs/incidents.md has more.",
    )
    verb.add_argument("--status", choices=CHOICES, default="open", help="default: open, whether acknowledged or not")
    verb.add_argument("--severity", metavar="NAME", help="such as critical")
    verb.add_argument("--service", metavar="NAME")
    verb.add_argument("--alert", metavar="NAME", help="such as ServiceDown")
    verb.add_argument("--since", metavar="TIME", type=duration, help="in force within that time, such as 24h or 7d")
    verb.add_argument("--exit-code", action="store_true", help=f"end with {FOUND} when something is listed")
    actions = verb.add_subparsers(dest="action", metavar="ACTION", title="actions")

    def action(name: str, explanation: str, *, of_incident: bool = True) -> argparse.ArgumentParser:
        parser = actions.add_parser(name, parents=[shared], help=explanation, description=explanation.capitalize())
        if of_incident:
            parser.add_argument("incident", metavar="ID", help="its number, or Alertmanager's fingerprint of the alert")
        return parser

    def by(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
        parser.add_argument("--by", metavar="NAME", default=_user(), help="who does it; default: %(default)s")
        return parser

    action("show", "show one incident: what happened to it, its labels, what to do")
    by(action("acknowledge", "say that somebody takes care of it")).add_argument("--note", metavar="TEXT", default="")
    by(action("note", "add a note to it")).add_argument("text", metavar="TEXT")
    silence = by(action("silence", "send no message about it, or about all that match, for a time", of_incident=False))
    silence.add_argument("incident", metavar="ID", nargs="?", help="its number, or the fingerprint of its alert")
    for label in ("alert", "service", "severity"):
        silence.add_argument(f"--{label}", dest=f"silence_{label}", metavar="NAME", help=f"all of that {label}")
    silence.add_argument(
        "--for", dest="lasting", metavar="TIME", type=duration, default=duration("2h"), help="default: 2h"
    )
    silence.add_argument("--comment", metavar="TEXT", default="", help="why")
    digest = action(
        "digest", "show the e-mail that sums up the last day, or week, as it would be sent now", of_incident=False
    )
    digest.add_argument("--print", action="store_true", required=True, help="print it; nothing is sent")
    digest.add_argument("--weekly", action="store_true", help="the one of alerts that are info; default: the daily one")
    action("silences", "list the silences in force", of_incident=False)
    action("unsilence", "end a silence", of_incident=False).add_argument("silence", metavar="ID")


def run(options: argparse.Namespace, terminal: Terminal | None = None) -> int:
    """Do it. Returns the exit status; raises StackError where the watch does not answer, or refuses."""
    shown = terminal or Terminal()
    watch = Watch(settings.load())
    return _ACTIONS[options.action](options, watch, shown)


def duration(text: str) -> timedelta:
    """A time such as 30m, 24h, 7d or 2w."""
    try:
        return durations.read(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _list(options: argparse.Namespace, watch: Watch, shown: Terminal) -> int:
    query: dict[str, Any] = {"status": CHOICES[options.status], "limit": "10000"}
    query |= {name: value for name in ("severity", "service", "alert") if (value := getattr(options, name)) is not None}
    if options.since is not None:
        query["since"] = (datetime.now(UTC) - options.since).isoformat()
    filtered = len(query) > len(("status", "limit")) or options.status != "open"
    incidents = watch.incidents(query)
    try:
        quiet = _quiet(watch)
    except StackError as error:
        print(f"What is silenced or inhibited is not said: {error}", file=sys.stderr)
    else:
        for incident in incidents:
            incident["quiet"] = quiet.get(incident["fingerprint"], "") if incident["status"] != "resolved" else ""
    _show(options, shown, {"incidents": incidents}, lambda: list_lines(incidents, filtered, shown))
    return FOUND if incidents and options.exit_code else 0


def _quiet(watch: Watch) -> dict[str, str]:
    """Why no message is sent about an alert, by its fingerprint; of the others nothing."""
    words = {}
    for alert in watch.alerts():
        status = alert["status"]
        if status["silencedBy"]:
            words[alert["fingerprint"]] = "silenced"
        elif status["inhibitedBy"]:
            words[alert["fingerprint"]] = "inhibited"
    return words


def _incident(options: argparse.Namespace, watch: Watch, shown: Terminal) -> int:
    incident = watch.incident(options.incident)
    _show(options, shown, incident, lambda: incident_lines(incident, shown))
    return 0


def _acknowledge(options: argparse.Namespace, watch: Watch, shown: Terminal) -> int:
    incident = watch.acknowledge(watch.incident(options.incident)["id"], options.by, options.note)
    said = f"{_name(incident)} is acknowledged by {incident['acknowledged_by']}."
    _show(options, shown, incident, lambda: [said])
    return 0


def _note(options: argparse.Namespace, watch: Watch, shown: Terminal) -> int:
    incident = watch.note(watch.incident(options.incident)["id"], options.by, options.text)
    _show(options, shown, incident, lambda: [f"Noted on {_name(incident)}."])
    return 0


def _silence(options: argparse.Namespace, watch: Watch, shown: Terminal) -> int:
    labels = {
        {"alert": "alertname"}.get(name, name): value
        for name in ("alert", "service", "severity")
        if (value := getattr(options, f"silence_{name}")) is not None
    }
    if bool(labels) == (options.incident is not None):
        raise StackError(
            "Say what to silence: one incident by its ID, or all that match --alert, --service, --severity.",
            "Such as: ai-monitoring alerts silence --service shop --for 30m --comment 'moving it'",
        )
    incident = None if options.incident is None else watch.incident(options.incident)
    if incident is not None:
        labels = incident["labels"]
    name = watch.silence(labels, options.lasting, options.by, options.comment or "by ai-monitoring alerts silence")
    if incident is not None and incident["status"] == "open":
        # Who silences it has seen it: nothing is to be passed on.
        watch.acknowledge(incident["id"], options.by, "silenced it")
    until = (datetime.now(UTC) + options.lasting).strftime("%Y-%m-%d %H:%M UTC")
    said = [f"Silenced until {until}.", f"End it before: ai-monitoring alerts unsilence {name}"]
    _show(options, shown, {"silence": name}, lambda: said)
    return 0


def _digest(options: argparse.Namespace, watch: Watch, shown: Terminal) -> int:
    digest = watch.digest("weekly" if options.weekly else "daily")
    note = [] if digest["sent"] else ["Nothing would be sent: there is nothing to tell."]
    _show(options, shown, digest, lambda: [digest["subject"], "", *digest["text"].splitlines(), *note])
    return 0


def _silences(options: argparse.Namespace, watch: Watch, shown: Terminal) -> int:
    silences = watch.silences()
    _show(options, shown, {"silences": silences}, lambda: silence_lines(silences))
    return 0


def _unsilence(options: argparse.Namespace, watch: Watch, shown: Terminal) -> int:
    watch.unsilence(options.silence)
    _show(options, shown, {"silence": options.silence}, lambda: ["Messages about it are sent again."])
    return 0


_ACTIONS: dict[str | None, Callable[[argparse.Namespace, Watch, Terminal], int]] = {
    None: _list,
    "show": _incident,
    "acknowledge": _acknowledge,
    "note": _note,
    "silence": _silence,
    "digest": _digest,
    "silences": _silences,
    "unsilence": _unsilence,
}


def _show(options: argparse.Namespace, shown: Terminal, content: Any, lines: Callable[[], list[str]]) -> None:
    if getattr(options, "json", False):
        shown.line(json.dumps(content, ensure_ascii=False))
        return
    for line in lines():
        shown.line(line)


def _name(incident: dict[str, Any]) -> str:
    return f"Incident {incident['id']}, {incident['alert']}"


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"
