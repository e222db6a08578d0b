"""`ai-monitoring audit`, `consent` and `erase`: what monitoring.yaml's `compliance.folder`, or the stack, keeps."""

import argparse
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.terminal import Terminal

# Not at the top: `setup --check` runs where nothing but the standard library and a few rooms of this package are.
if TYPE_CHECKING:
    from ai_monitoring.compliance.kinds import LegalBasis
    from ai_monitoring.compliance.settings import ComplianceSettings
    from ai_monitoring.compliance.stores import Stores

FOUND: Final = 3
"""Exit status of a log that is not whole, of an erasure that is not complete, of a consent that is not given."""

_REMEDY = "docs/compliance.md has the settings."
Shown = tuple[Any, list[str], int]
"""What an action has to say: as JSON, as lines, and the exit status."""


@contextmanager
def opened() -> "Iterator[tuple[Stores, ComplianceSettings]]":
    """The stores that monitoring.yaml names, else the stack's. Raises StackError where there are none, or they cannot
    be used.
    """
    from ai_monitoring.compliance.opening import open_stores
    from ai_monitoring.configuration import ConfigurationError, load_config
    from ai_monitoring.stack import parts
    from ai_monitoring.stack.settings import load

    try:
        settings = load_config().compliance
        if settings.folder is None and (own := parts.compliance_folder(load())).is_dir():
            settings = replace(settings, folder=own)
        stores = open_stores(settings)
    except ConfigurationError as error:
        raise StackError(f"{error}.", _REMEDY) from error
    if stores is None:
        raise StackError("monitoring.yaml names no compliance.folder, and no stack keeps one here.", _REMEDY)
    try:
        yield stores, settings
    except (OSError, sqlite3.Error) as error:
        raise StackError(f"{stores.folder} cannot be used: {error}.", "Look at its disk, and whose it is.") from error
    finally:
        stores.close()


def subject_of(stores: "Stores", text: str) -> str:
    """The pseudonym that the command line means. Raises StackError for one that was made with another key."""
    from ai_monitoring.compliance.pseudonym import VARIABLE, is_pseudonym

    if is_pseudonym(text) and not stores.pseudonyms.knows(text):
        raise StackError(
            f"{text} is no pseudonym of this key.", f"Set {VARIABLE} as the services have it, or give the user's name."
        )
    return stores.pseudonyms.of(text)


def shared() -> argparse.ArgumentParser:
    """The option that every action has."""
    parent = argparse.ArgumentParser(add_help=False)
    parent.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="as JSON, for programs")
    return parent


def show(options: argparse.Namespace, act: Callable[[argparse.Namespace], Shown]) -> int:
    """Do it and tell it. Returns the exit status."""
    content, lines, status = act(options)
    terminal = Terminal()
    if getattr(options, "json", False):
        terminal.line(json.dumps(content, ensure_ascii=False))
        return status
    for line in lines:
        terminal.line(line)
    return status


def moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def add_consent(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    verb = verbs.add_parser(
        "consent",
        help="who consented to what: grant, withdraw, show",
        description="The ledger of consents and other legal bases. docs/compliance.md has more.",
    )
    actions = verb.add_subparsers(dest="action", metavar="ACTION", title="actions", required=True)

    def action(name: str, explanation: str, *, changes: bool) -> argparse.ArgumentParser:
        parser = actions.add_parser(name, parents=[shared()], help=explanation, description=explanation.capitalize())
        parser.add_argument("subject", metavar="SUBJECT", help="the user's name, or the pseudonym")
        parser.add_argument("--purpose", metavar="P", required=changes, help="as requests name it, such as chatbot")
        if changes:
            parser.add_argument("--source", metavar="TEXT", default="command line", help="who told, and how")
        return parser

    grant = action("grant", "note that data may be processed for a purpose", changes=True)
    grant.add_argument("--basis", type=_basis, default="consent", metavar="BASIS", help="default: consent")
    action("withdraw", "note that it may not any more", changes=True)
    action("show", f"show what was said; ends with {FOUND} where a purpose has no consent", changes=False)


def run_consent(options: argparse.Namespace) -> int:
    return show(options, {"grant": _grant, "withdraw": _withdraw, "show": _history}[options.action])


def _grant(options: argparse.Namespace) -> Shown:
    with opened() as (stores, _):
        subject = subject_of(stores, options.subject)
        line = stores.grant(subject, options.purpose, options.source, options.basis)
    return {"subject": subject, **line.as_json()}, [f"{subject} may be processed for {line.purpose}: {line.basis}."], 0


def _withdraw(options: argparse.Namespace) -> Shown:
    with opened() as (stores, _):
        subject = subject_of(stores, options.subject)
        line = stores.withdraw(subject, options.purpose, options.source)
    return {"subject": subject, **line.as_json()}, [f"{subject} is not processed for {line.purpose} any more."], 0


def _history(options: argparse.Namespace) -> Shown:
    with opened() as (stores, _):
        subject = subject_of(stores, options.subject)
        said = stores.consent.history(subject, options.purpose)
    lines = [f"{moment(one.at)}  {one.status:9}  {one.purpose}  {one.basis}  ({one.source})" for one in said]
    missing = options.purpose is not None and (not said or said[-1].status != "granted")
    content = {"subject": subject, "said": [one.as_json() for one in said]}
    return content, [subject, *(lines or ["Nothing was said."])], FOUND if missing else 0


def _basis(text: str) -> "LegalBasis":
    from ai_monitoring.compliance.kinds import LegalBasis

    try:
        return LegalBasis(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no legal basis; there are {', '.join(LegalBasis)}") from None
