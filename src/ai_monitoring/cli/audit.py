"""`ai-monitoring audit`: is the log whole, and what does it say."""

import argparse
import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ai_monitoring.cli.alerts import duration
from ai_monitoring.cli.compliance import FOUND, Shown, moment, opened, shared, show, subject_of
from ai_monitoring.stack.errors import StackError

if TYPE_CHECKING:
    from ai_monitoring.compliance.stores import Stores

_COLUMNS = ("sequence", "time", "action", "id", "record")


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The verb and its actions, on the command line."""
    verb = verbs.add_parser(
        "audit",
        help="the audit log: verify, show, export, prune",
        description="The hash-chained log of AI requests. docs/compliance.md has more.",
    )
    actions = verb.add_subparsers(dest="action", metavar="ACTION", title="actions", required=True)
    verify = actions.add_parser(
        "verify",
        parents=[shared()],
        help=f"read the whole chain; ends with {FOUND} where it is broken",
        description="Read the whole chain, and tell the first entry that is not as it was written.",
    )
    verify.add_argument("--head", metavar="HEAD", default="", help="a head that an earlier verification showed")
    reading = [
        actions.add_parser("show", parents=[shared()], help="the newest entries, or those of a subject"),
        actions.add_parser("export", help="all of them, one JSON object a line, or as CSV"),
    ]
    for parser in reading:
        parser.add_argument("--subject", metavar="SUBJECT", help="the user's name, or the pseudonym")
        parser.add_argument("--since", metavar="TIME", type=duration, help="within that time, such as 24h or 7d")
    reading[0].add_argument("--limit", metavar="N", type=int, default=20, help="default: 20")
    reading[1].add_argument("--format", choices=("json", "csv"), default="json", help="default: json")
    actions.add_parser("prune", parents=[shared()], help="delete what is older than compliance.retention_days now")


def run(options: argparse.Namespace) -> int:
    """Do it. Returns the exit status; raises StackError where the log cannot be used."""
    if options.action == "export":
        return _export(options)
    return show(options, {"verify": _verify, "show": _show, "prune": _prune}[options.action])


def _verify(options: argparse.Namespace) -> Shown:
    with opened() as (stores, _):
        from ai_monitoring.compliance.verification import verify

        try:
            verdict = verify(stores.log, options.head)
        except ValueError as error:
            raise StackError(f"{error}.", "Copy it again from where it was noted.") from error
    if verdict.intact:
        lines = [f"The log is whole: {verdict.entries} entries.", f"Note its head elsewhere: {verdict.head or 'none'}"]
        return verdict.as_json(), lines, 0
    what = f"The log is not whole: {verdict.problem}."
    return verdict.as_json(), [what, "What to do: docs/runbooks/compliance/AuditChainBroken.md"], FOUND


def _show(options: argparse.Namespace) -> Shown:
    with opened() as (stores, _):
        found = list(_entries(stores, options, max(0, options.limit)))
    lines = [f"{one['sequence']:>8}  {one['time']}  {one['action']:9} {_words(one['record'])}" for one in found]
    return {"entries": found}, lines or ["There is no entry."], 0


def _words(record: dict[str, Any] | None) -> str:
    if record is None:
        return "(its key is destroyed)"
    return json.dumps(record, ensure_ascii=False)


def _export(options: argparse.Namespace) -> int:
    with opened() as (stores, _):
        for number, entry in enumerate(_entries(stores, options)):
            if options.format == "csv":
                print(_csv(entry, header=number == 0), end="")
            else:
                print(json.dumps(entry, ensure_ascii=False))
    return 0


def _csv(entry: dict[str, Any], *, header: bool) -> str:
    text = io.StringIO()
    rows = csv.writer(text)
    if header:
        rows.writerow(_COLUMNS)
    rows.writerow([json.dumps(entry[name]) if name == "record" else entry[name] for name in _COLUMNS])
    return text.getvalue()


def _entries(stores: "Stores", options: argparse.Namespace, newest: int = -1) -> Iterator[dict[str, Any]]:
    since = 0 if options.since is None else int((datetime.now(UTC) - options.since).timestamp() * 1e6)
    subject = None if options.subject is None else subject_of(stores, options.subject)
    for entry in stores.log.entries(subject, since, newest):
        yield {
            "sequence": entry.sequence,
            "time": moment(entry.at / 1e6),
            "action": entry.action,
            "id": entry.id,
            "record": stores.log.record(entry),
        }


def _prune(_: argparse.Namespace) -> Shown:
    with opened() as (stores, settings):
        from ai_monitoring.compliance.upkeep import prune

        count = prune(stores.log, settings.retention_days)
    return {"entries": count}, [f"{count} entries older than {settings.retention_days} days are deleted."], 0
