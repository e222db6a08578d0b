"""`ai-monitoring erase`: the right to erasure."""

import argparse
import json
from pathlib import Path
from typing import Any

from ai_monitoring.cli.compliance import FOUND, Shown, opened, shared, show, subject_of
from ai_monitoring.stack import settings as stack
from ai_monitoring.stack.errors import StackError


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The verb, on the command line."""
    verb = verbs.add_parser(
        "erase",
        parents=[shared()],
        help="destroy what is held of a person, and write a receipt",
        description=f"The right to erasure. Ends with {FOUND} where a step failed: run it again. docs/compliance.md.",
    )
    what = verb.add_mutually_exclusive_group(required=True)
    what.add_argument("subject", metavar="SUBJECT", nargs="?", help="the user's name, or the pseudonym")
    what.add_argument("--pending", action="store_true", help="whoever's erasure is not complete")
    what.add_argument("--check", type=Path, metavar="RECEIPT", help="whether a receipt bears our signature")
    verb.add_argument("--loki", metavar="URL", action="append", help="where logs are; default: the port in .env")
    verb.add_argument("--no-logs", action="store_true", help="there are no logs to delete from")


def run(options: argparse.Namespace) -> int:
    """Do it. Returns the exit status; raises StackError where nothing could be done."""
    return show(options, _check if options.check else _erase)


def _erase(options: argparse.Namespace) -> Shown:
    with opened() as (stores, settings):
        from ai_monitoring.compliance.erasure import Erasure
        from ai_monitoring.compliance.logs import Logs

        try:
            logs = [Logs(address) for address in _addresses(options)]
        except ValueError as error:
            raise StackError(f"{error}.", "Correct --loki.") from error
        erasure = Erasure(stores, settings, logs)
        receipts = erasure.retry() if options.pending else [erasure.erase(subject_of(stores, options.subject))]
        lines = [line for receipt in receipts for line in _lines(receipt, stores.folder)]
    complete = all(receipt["status"] == "complete" for receipt in receipts)
    content = {"receipts": receipts} if options.pending else receipts[0]
    return content, lines or ["No erasure is pending."], 0 if complete else FOUND


def _addresses(options: argparse.Namespace) -> list[str]:
    if options.no_logs:
        return []
    return options.loki or [f"http://127.0.0.1:{stack.load().ports['LOKI_PORT']}"]


def _lines(receipt: dict[str, Any], folder: Path) -> list[str]:
    gone = [f"  gone     {_of(part)}" for part in receipt["gone"]]
    failed = [f"  failed   {part['what']}: {part['why']}" for part in receipt["failed"]]
    expires = [f"  expires  {part['what']}: {part['at']}" for part in receipt["expires"]]
    advice = ["Run it again: ai-monitoring erase --pending"] if failed else []
    if not failed and not any(part.get("count") for part in receipt["gone"]):
        advice = ["Nothing was held of this subject, but for log lines, if any. Is this the name that requests give?"]
    file = folder / "receipts" / f"{receipt['id']}.json"
    return [f"{receipt['subject']}: {receipt['status']}", *gone, *failed, *expires, f"Receipt: {file}", *advice]


def _of(part: dict[str, Any]) -> str:
    if "deleted" in part:
        return f"{part['what']}: hidden by {part['hidden']}, deleted by {part['deleted']}"
    return f"{part['what']}: {part['count']}"


def _check(options: argparse.Namespace) -> Shown:
    try:
        receipt = json.loads(options.check.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StackError(f"{options.check} is no receipt: {error}.", "Name a file of the folder receipts.") from error
    with opened() as (stores, _):
        valid = isinstance(receipt, dict) and stores.log.signer.holds(receipt)
    word = "was signed here, and nothing was changed" if valid else "does not bear our signature"
    return {"valid": valid}, [f"The receipt {word}."], 0 if valid else FOUND
